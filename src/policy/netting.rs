//! What is needed beyond what is there and on its way: every unit and the safety stock counted once.

use super::lot::round_order;

/// Stock of an item at one place, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Position {
    /// On the shelf; negative when oversold.
    pub on_hand: f64,
    /// Ordered and in time.
    pub inbound: f64,
    /// Promised to customers and not yet shipped.
    pub backorders: f64,
}

impl Position {
    /// Inventory position = on hand + inbound − backorders.
    ///
    /// ```
    /// use restock::policy::netting::Position;
    /// let position = Position { on_hand: 0.0, inbound: 80.0, backorders: 100.0 };
    /// assert_eq!(position.units(), -20.0);
    /// assert_eq!(position.need(110.0), 130.0);
    /// assert_eq!(position.order(110.0, 0.0, 24.0), 144.0);
    /// ```
    pub fn units(&self) -> f64 {
        self.on_hand + self.inbound - self.backorders
    }

    /// Units that lift the position to `target`; never negative.
    pub fn need(&self, target: f64) -> f64 {
        (target - self.units()).max(0.0)
    }

    /// [`Self::need`] in packs and minimums.
    pub fn order(&self, target: f64, moq: f64, multiple: f64) -> f64 {
        round_order(self.need(target), moq, multiple)
    }

    /// Units to procure for `demands` (of rows, channels, periods) and one `safety_stock` for them all; never negative.
    ///
    /// ```
    /// use restock::policy::netting::Position;
    /// let empty = Position::default();
    /// assert_eq!(empty.net_requirement(&[250.0, 1000.0], 100.0), 1350.0);
    /// ```
    pub fn net_requirement(&self, demands: &[f64], safety_stock: f64) -> f64 {
        self.need(demands.iter().sum::<f64>() + safety_stock)
    }
}
