//! What the shop sells: styles, each in colours and sizes.

/// How demand moves through the year, January to December; scaled to a mean of 1 where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    Flat,
    Warm,
    Summer,
    Cool,
    Winter,
    Rain,
    Camp,
}

impl Season {
    /// Relative demand in the middle of each month.
    pub fn months(self) -> [f64; 12] {
        match self {
            Self::Flat => [0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.05, 1.0, 1.0, 1.0, 1.1, 1.2],
            Self::Warm => [0.5, 0.6, 0.8, 1.0, 1.3, 1.5, 1.6, 1.4, 1.1, 0.8, 0.7, 0.7],
            Self::Summer => [0.1, 0.1, 0.25, 0.6, 1.3, 2.2, 3.0, 2.3, 0.9, 0.3, 0.15, 0.1],
            Self::Cool => [1.2, 0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.6, 1.0, 1.5, 1.9, 1.8],
            Self::Winter => [2.0, 1.3, 0.6, 0.2, 0.1, 0.08, 0.1, 0.2, 0.6, 1.6, 2.6, 2.8],
            Self::Rain => [0.5, 0.5, 0.8, 1.1, 1.6, 2.1, 1.4, 0.9, 1.1, 0.9, 0.6, 0.5],
            Self::Camp => [0.5, 0.5, 0.8, 1.2, 1.4, 0.9, 1.2, 1.4, 1.2, 1.3, 0.9, 0.7],
        }
    }
}

/// Suppliers, by position in [`super::catalogue::SUPPLIERS`].
pub const HANOI: usize = 0;
pub const NINGBO: usize = 1;
pub const GUANGZHOU: usize = 2;
pub const TSUBAME: usize = 3;
pub const IMABARI: usize = 4;
pub const OSAKA: usize = 5;

/// Channels a style is sold on beside the own shop.
pub const RAKUTEN: u8 = 1;
pub const AMAZON: u8 = 2;
pub const STORE: u8 = 4;
pub const ALL: u8 = RAKUTEN | AMAZON | STORE;

/// A style: everything its colours and sizes have in common.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub code: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    /// Code, name, weight in the style's demand.
    pub colours: &'static [(&'static str, &'static str, f64)],
    /// Code, label, weight.
    pub sizes: &'static [(&'static str, &'static str, f64)],
    pub price: u32,
    pub cost: u32,
    pub supplier: usize,
    pub season: Season,
    /// Units a day of all variants on all channels.
    pub rate: f64,
    /// Least order of a variant and the multiple above it.
    pub lot: (u32, u32),
    pub sold_on: u8,
    /// Demand a year later ÷ demand now.
    pub growth: f64,
}

const ONE: &[(&str, &str, f64)] = &[("", "", 1.0)];
const SML: &[(&str, &str, f64)] = &[("S", "S", 0.8), ("M", "M", 1.5), ("L", "L", 1.2)];
const SMLX: &[(&str, &str, f64)] = &[
    ("S", "S", 0.7),
    ("M", "M", 1.5),
    ("L", "L", 1.2),
    ("X", "XL", 0.6),
];
const ML: &[(&str, &str, f64)] = &[("M", "M", 1.2), ("L", "L", 1.0)];
const CM: &[(&str, &str, f64)] = &[
    ("24", "24cm", 0.8),
    ("25", "25cm", 1.0),
    ("26", "26cm", 1.3),
    ("27", "27cm", 1.0),
];
const BLACK: (&str, &str, f64) = ("BK", "ブラック", 1.3);
const NAVY: (&str, &str, f64) = ("NV", "ネイビー", 1.0);
const GREY: (&str, &str, f64) = ("GY", "グレー", 0.9);
const OLIVE: (&str, &str, f64) = ("OL", "オリーブ", 0.8);
const BEIGE: (&str, &str, f64) = ("BG", "ベージュ", 0.8);
const WHITE: (&str, &str, f64) = ("WH", "ホワイト", 0.9);

const TOPS: &str = "Tシャツ・カットソー";
const DOWN: &str = "ダウン";
const RAINWEAR: &str = "レインウェア";
const FLEECE: &str = "フリース";
const BOTTOMS: &str = "ボトムス";
const BEACH: &str = "ショーツ・水着";
const SHOES: &str = "サンダル";
const UNDER: &str = "アンダー・ソックス";
const HATS: &str = "帽子・小物";
const COLD: &str = "冬小物";
const KITCHEN: &str = "ボトル・キッチン";
const GEAR: &str = "ランタン・ギア";
const SLEEP: &str = "テント・寝具";
const BAGS: &str = "バッグ";

macro_rules! styles {
    ($($code:literal $name:literal, $category:expr, $colours:expr, $sizes:expr, $price:literal / $cost:literal,
       $supplier:ident, $season:ident, $rate:literal a day, lot $lot:expr, $sold_on:expr, growth $growth:literal;)*) => {
        /// All styles; the order is the order of `items.csv`.
        pub const STYLES: &[Style] = &[$(Style {
            code: $code, name: $name, category: $category, colours: $colours, sizes: $sizes, price: $price, cost: $cost,
            supplier: $supplier, season: Season::$season, rate: $rate, lot: $lot, sold_on: $sold_on, growth: $growth,
        }),*];
    };
}

styles! {
    "TS01" "メリノTシャツ 半袖", TOPS, &[NAVY, BLACK, ("OM", "オートミール", 0.7)], SMLX, 8_800 / 3_300, HANOI, Warm, 14.0 a day, lot (20, 10), ALL, growth 1.10;
    "TS02" "メリノTシャツ 長袖", TOPS, &[NAVY, BLACK], SML, 9_900 / 3_800, HANOI, Cool, 7.0 a day, lot (20, 10), ALL, growth 1.10;
    "UW01" "メリノボクサーパンツ", UNDER, &[BLACK, NAVY], ML, 4_400 / 1_500, HANOI, Flat, 6.0 a day, lot (20, 10), ALL, growth 1.20;
    "PT01" "クライミングパンツ Stretch", BOTTOMS, &[("CH", "チャコール", 1.1), BEIGE], SML, 11_000 / 4_300, HANOI, Flat, 4.0 a day, lot (20, 10), RAKUTEN | STORE, growth 1.00;
    "SH01" "ドライショーツ", BEACH, &[BLACK, ("KH", "カーキ", 0.8)], ML, 6_930 / 2_500, HANOI, Summer, 3.0 a day, lot (20, 10), RAKUTEN | AMAZON, growth 1.00;
    "RG01" "ラッシュガード フルジップ UPF50+", BEACH, &[WHITE, NAVY], SML, 6_490 / 2_300, HANOI, Summer, 4.0 a day, lot (20, 10), RAKUTEN | AMAZON, growth 1.05;
    "DJ01" "ライトダウンジャケット", DOWN, &[BLACK, OLIVE], SML, 28_600 / 11_800, NINGBO, Winter, 6.0 a day, lot (10, 5), ALL, growth 1.05;
    "DJ02" "アルパインダウンパーカ", DOWN, &[BLACK], ML, 39_600 / 17_500, NINGBO, Winter, 0.9 a day, lot (5, 5), RAKUTEN, growth 1.00;
    "RJ01" "3レイヤー レインジャケット", RAINWEAR, &[BLACK, ("YL", "イエロー", 0.5)], SMLX, 24_200 / 9_700, NINGBO, Rain, 3.0 a day, lot (10, 5), RAKUTEN | STORE, growth 0.90;
    "FL01" "グリッドフリース", FLEECE, &[GREY, BLACK], SML, 12_100 / 4_600, NINGBO, Cool, 5.0 a day, lot (10, 10), RAKUTEN | AMAZON, growth 1.00;
    "SD01" "トレイルサンダル", SHOES, &[BLACK, ("SB", "サンドベージュ", 0.8)], CM, 7_150 / 2_700, GUANGZHOU, Summer, 5.0 a day, lot (12, 6), RAKUTEN | AMAZON, growth 1.15;
    "SK01" "メリノソックス クルー", UNDER, &[NAVY, GREY, BLACK], ML, 2_420 / 850, IMABARI, Flat, 13.0 a day, lot (12, 12), ALL, growth 1.05;
    "SK02" "ロゴソックス 3足セット", UNDER, &[("MX", "ミックス", 1.0)], ONE, 1_980 / 700, IMABARI, Flat, 2.0 a day, lot (12, 12), RAKUTEN | STORE, growth 0.85;
    "TW01" "速乾タオル", HATS, &[GREY, ("BL", "ブルー", 1.0)], ONE, 1_980 / 650, IMABARI, Warm, 4.0 a day, lot (24, 12), ALL, growth 1.00;
    "CP01" "メッシュキャップ", HATS, &[BLACK, BEIGE, ("OR", "オレンジ", 0.5)], ONE, 4_180 / 1_400, OSAKA, Warm, 4.0 a day, lot (6, 6), RAKUTEN | STORE, growth 1.00;
    "CP02" "コーデュロイキャップ", HATS, &[("BR", "ブラウン", 1.0)], ONE, 4_620 / 1_550, OSAKA, Cool, 1.2 a day, lot (6, 6), RAKUTEN | STORE, growth 1.00;
    "BN01" "ウールビーニー", COLD, &[BLACK, ("MU", "マスタード", 0.6)], ONE, 3_850 / 1_300, OSAKA, Winter, 2.0 a day, lot (6, 6), RAKUTEN | STORE, growth 1.00;
    "GL01" "フリースグローブ Touch", COLD, &[BLACK], ML, 3_300 / 1_100, OSAKA, Winter, 1.6 a day, lot (6, 6), RAKUTEN | AMAZON, growth 1.00;
    "NW01" "ネックゲイター", COLD, &[BLACK, GREY], ONE, 2_750 / 900, OSAKA, Winter, 1.6 a day, lot (6, 6), RAKUTEN, growth 1.00;
    "BT01" "ステンレスボトル 500ml", KITCHEN, &[("BK", "ブラック", 2.6), WHITE, ("SG", "セージ", 0.7), ("LV", "ラベンダー", 0.6)], ONE, 3_960 / 1_400, TSUBAME, Flat, 14.0 a day, lot (40, 20), ALL, growth 1.10;
    "BT02" "ステンレスボトル 750ml", KITCHEN, &[BLACK, WHITE], ONE, 4_620 / 1_650, TSUBAME, Flat, 4.0 a day, lot (40, 20), ALL, growth 1.10;
    "CK01" "チタンマグ 450ml", KITCHEN, &[("TI", "チタン", 1.0)], ONE, 4_950 / 2_100, TSUBAME, Camp, 1.5 a day, lot (6, 6), ALL, growth 1.00;
    "CK02" "チタンクッカーセット", KITCHEN, &[("TI", "チタン", 1.0)], ONE, 9_900 / 4_300, TSUBAME, Camp, 0.6 a day, lot (4, 2), RAKUTEN | AMAZON, growth 1.00;
    "ST01" "シングルバーナー", GEAR, &[("00", "", 1.0)], ONE, 8_580 / 4_000, TSUBAME, Camp, 0.8 a day, lot (4, 2), RAKUTEN | AMAZON, growth 0.90;
    "LN01" "LEDランタン mini", GEAR, &[("WM", "ウォームホワイト", 1.0), OLIVE], ONE, 5_280 / 2_200, OSAKA, Camp, 2.0 a day, lot (6, 6), RAKUTEN | AMAZON, growth 1.30;
    "HL01" "ヘッドライト 400lm", GEAR, &[("BK", "ブラック", 1.0)], ONE, 5_500 / 2_300, OSAKA, Camp, 2.0 a day, lot (6, 6), ALL, growth 1.00;
    "CR01" "カラビナ 2個セット", GEAR, &[("SV", "シルバー", 1.0)], ONE, 880 / 280, OSAKA, Flat, 3.0 a day, lot (50, 50), ALL, growth 1.00;
    "RP01" "リペアテープ", GEAR, &[("CL", "クリア", 1.0)], ONE, 990 / 320, OSAKA, Flat, 0.5 a day, lot (20, 10), RAKUTEN, growth 1.00;
    "WT01" "トレッキングポール Carbon", GEAR, &[("BK", "ブラック", 1.0)], ONE, 15_400 / 6_800, GUANGZHOU, Camp, 0.2 a day, lot (5, 1), RAKUTEN, growth 1.00;
    "SG01" "偏光サングラス", HATS, &[("BR", "ブラウン", 1.0)], ONE, 13_750 / 5_500, OSAKA, Warm, 0.15 a day, lot (1, 1), STORE, growth 1.00;
    "TN01" "ソロテント 1P", SLEEP, &[("TN", "タン", 1.0)], ONE, 39_800 / 19_500, GUANGZHOU, Camp, 0.12 a day, lot (2, 1), RAKUTEN, growth 0.80;
    "TN02" "レクタタープ", SLEEP, &[("TN", "タン", 1.0)], ONE, 18_700 / 8_600, GUANGZHOU, Camp, 0.2 a day, lot (4, 1), RAKUTEN, growth 0.80;
    "SL01" "ダウンシュラフ 3シーズン", SLEEP, &[("NV", "ネイビー", 1.0)], ONE, 36_300 / 17_000, NINGBO, Cool, 0.15 a day, lot (2, 1), RAKUTEN, growth 1.00;
    "MT01" "スリーピングマット R4", SLEEP, &[("GY", "グレー", 1.0)], ONE, 12_980 / 5_600, GUANGZHOU, Camp, 0.5 a day, lot (6, 2), RAKUTEN | AMAZON, growth 1.00;
    "CH01" "軽量チェア", SLEEP, &[BLACK, ("SD", "サンド", 0.9)], ONE, 13_200 / 5_700, GUANGZHOU, Camp, 1.6 a day, lot (6, 2), RAKUTEN | AMAZON, growth 0.90;
    "TB01" "ロールテーブル", SLEEP, &[("NT", "ナチュラル", 1.0)], ONE, 9_350 / 4_000, GUANGZHOU, Camp, 0.6 a day, lot (6, 2), RAKUTEN, growth 0.90;
    "BP01" "デイパック 22L", BAGS, &[BLACK, NAVY, OLIVE], ONE, 14_300 / 5_600, GUANGZHOU, Flat, 2.6 a day, lot (10, 5), ALL, growth 1.10;
    "BP02" "バックパック 40L", BAGS, &[("BK", "ブラック", 1.0)], ONE, 27_500 / 11_500, GUANGZHOU, Camp, 0.25 a day, lot (5, 1), RAKUTEN, growth 1.00;
    "SB01" "サコッシュ", BAGS, &[BLACK, GREY], ONE, 3_300 / 1_050, OSAKA, Flat, 2.4 a day, lot (6, 6), RAKUTEN | STORE, growth 0.75;
    "DB01" "ドライバッグ 10L", BAGS, &[("BL", "ブルー", 1.0)], ONE, 2_860 / 950, OSAKA, Summer, 1.0 a day, lot (6, 6), RAKUTEN | AMAZON, growth 1.00;
    "WS01" "ウィンドシェル ジャケット", RAINWEAR, &[BLACK, ("SG", "セージ", 0.8)], ML, 14_850 / 5_700, HANOI, Cool, 2.6 a day, lot (20, 10), RAKUTEN | STORE, growth 1.00;
    "DJ03" "ダウンベスト 2026", DOWN, &[BLACK], &[("M", "M", 1.0)], 19_800 / 8_200, NINGBO, Winter, 1.4 a day, lot (10, 5), RAKUTEN, growth 1.00;
}
