//! All tests of the program from outside in one binary: linking polars once, not once per subject.

mod architecture;
mod backorder_desk;
mod backtest;
mod command_line;
mod example_shop;
mod goods;
mod history;
mod levels;
mod listings;
mod on_order;
mod plan_report;
mod promotions;
mod properties;
mod published_numbers;
mod reading;
mod seasons;
mod stock_between_counts;
mod stock_record;
mod stockout_causes;
mod substitution;
mod supplied_locations;
mod supply;
mod whole_plan;
mod writing;
