//! `restock init`: a commented configuration and one empty table per input.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::columns::TABLES;
use crate::text::{Lang, text};

/// Why templates were not written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Files that exist already; nothing was written.
    #[error("{}", self.render(Lang::En))]
    Exists(Vec<PathBuf>),
    #[error("{}", self.render(Lang::En))]
    Io { path: PathBuf, why: String },
}

impl InitError {
    /// The message for a person.
    pub fn render(&self, lang: Lang) -> String {
        match self {
            Self::Exists(paths) => {
                let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
                text(lang, "finding.init_exists", &[("files", &names.join(", "))])
            }
            Self::Io { path, why } => text(
                lang,
                "finding.init_failed",
                &[("file", &path.display().to_string()), ("why", why)],
            ),
        }
    }
}

/// The commented `restock.toml`: every key with its default, commented out where it has none. Comments in a language.
pub fn template(lang: Lang) -> String {
    let (head, columns, also) = match lang {
        Lang::En => (HEAD_EN, COLUMNS_EN, "also"),
        Lang::Ja => (HEAD_JA, COLUMNS_JA, "ほかに"),
    };
    let mut out = format!("{head}\n{columns}");
    for table in TABLES {
        let _ = writeln!(out, "# [columns.{}]", table.table);
        for column in table.columns.iter().take(4) {
            let _ = writeln!(out, "# {column} = \"...\"");
        }
        if table.columns.len() > 4 {
            let _ = writeln!(out, "# {also}: {}", table.columns[4..].join(", "));
        }
    }
    out
}

const COLUMNS_EN: &str = "\
# Your own headers, when they differ from the contract's. Left: our column; right: your header.
# \"=rakuten\" gives every row the same value; \"item + variant\" joins two headers to one code.
";

const COLUMNS_JA: &str = "\
# お手元の表の見出しが標準の列名と違う場合の対応表。左が標準の列名、右がお手元の見出し。
# \"=rakuten\" と書くと全行に同じ値が入り、\"品番 + 色\" と書くと 2 つの見出しを 1 つのコードにつなぎます。
";

const HEAD_EN: &str = r#"# Configuration of restock. Every key is optional; the values below are the defaults.
# A value on an item beats one on its supplier, then its channel, then this file.

[input]
grain = "day"                     # "week": a row carries its week's first date
week_dates = "week"               # with weeks: "day" reads the dates of inbound and stock as the days that they are
sales_include_backorders = false  # true when `sales` already holds the orders listed in `backorders`
encoding = "auto"                 # of text tables: "auto", "utf-8", "cp932"
# date_order = "mdy"              # only for dates such as 05/06/2026: "mdy" or "dmy"
# stock_taken = "auto"            # when of its day stock was counted: "close", "open" (before the day's trade); "auto": at the close, unless sales and receipts say otherwise
# time_zone = "Asia/Tokyo"        # whose calendar is the shop's, for time stamps in [[source]] files
# gifts = "apart"                 # rows at price 0 beside a usual price: "apart" is no demand, "sales" is
# out_odds = 0.2                  # where no stock is recorded: a run of days without a sale is called probably_out if stock was there with at most this probability

[policy]
service_measure = "fill"          # "fill": share of units served at once; "cycle": chance of no stockout in a cycle; "cost"
service_level = 0.95              # above 0, below 1
lead_time_days = 14.0             # only where neither items, suppliers nor receipts say
lead_time_sd = 3.0
review_days = 7                   # days from one order to the next
method = "auto"                   # "textbook": z·σ·√(L+R) on recovered demand, for comparison
holding_rate_per_year = 0.25      # share of the unit cost that a year in stock costs
cancel_within_days = 90           # what is on order and no demand takes within these days is a finding
# holding_cost_per_unit_day = 0.01    # default: unit_cost × holding_rate_per_year / 365
# lost_sale_cost_per_unit = 5.0       # default: price − unit_cost
# backorder_cost_per_unit_day = 0.1

[backorders]
max_wait_days = 30                # beyond it, stop accepting
notify_within_hours = 24
allow_without_arrival_date = false
allocate_by = "promise_date"      # who gets scarce units; "channel": each channel its share of every receipt

[report]
lang = "en"                       # "ja"
currency = "JPY"
"#;

const HEAD_JA: &str = r#"# restock の設定。どの項目も省略できます。書かれている値は既定値です。
# 商品（items）の値が最優先で、次に仕入先（suppliers）、販売チャネル（channels）、このファイルの順に使います。

[input]
grain = "day"                     # 1 行の期間。"week": 各行の日付は週の初日
week_dates = "week"               # 週次の場合、"day" にすると inbound と stock の日付を実際の日付として扱います
sales_include_backorders = false  # backorders の注文が sales にも含まれている場合は true
encoding = "auto"                 # テキスト形式の表の文字コード: "auto"、"utf-8"、"cp932"
# date_order = "mdy"              # 05/06/2026 のような日付がある場合だけ指定: "mdy"（月日年）または "dmy"（日月年）
# stock_taken = "auto"            # 在庫を数えた時点: "close"（閉店後）、"open"（開店前）。"auto" は閉店後とし、販売と入荷から開店前と分かる場合だけ前日の在庫とする
# time_zone = "Asia/Tokyo"        # [[source]] のファイルにある日時を、どの地域の日付として数えるか
# gifts = "apart"                 # 通常価格がある商品の価格 0 の行: "apart" は需要に含めない、"sales" は通常の販売として数える
# out_odds = 0.2                  # 在庫の記録がない期間: 在庫があった確率がこれ以下の無販売期間を「おそらく欠品」（probably_out）とする

[policy]
service_measure = "fill"          # "fill": 需要のうち即時に出荷できる数量の割合、"cycle": 補充サイクル中に欠品しない確率、"cost": 費用が最小
service_level = 0.95              # 目標サービス率。0 より大きく 1 未満
lead_time_days = 14.0             # リードタイム（日）。items・suppliers・入荷実績のいずれにもない場合だけ使います
lead_time_sd = 3.0                # リードタイムの標準偏差（日）
review_days = 7                   # 発注間隔（日）
method = "auto"                   # "textbook": 推定需要に z·σ·√(L+R) を当てはめる方法（比較用）
holding_rate_per_year = 0.25      # 在庫を 1 年持つ費用の、仕入単価に対する割合
cancel_within_days = 90           # 発注残のうち、この日数以内に需要が見込めない分を警告します
# holding_cost_per_unit_day = 0.01    # 在庫 1 個 1 日の保管費。既定: unit_cost × holding_rate_per_year / 365
# lost_sale_cost_per_unit = 5.0       # 販売機会を 1 個失う損失。既定: price − unit_cost
# backorder_cost_per_unit_day = 0.1   # 入荷待ち 1 個 1 日の費用

[backorders]
max_wait_days = 30                # 待ち日数がこれを超える場合は入荷待ち受注を止める
notify_within_hours = 24          # お客様へ連絡するまでの時間
allow_without_arrival_date = false  # 入荷予定日がなくても入荷待ち受注を受けるか
allocate_by = "promise_date"      # 数量が足りないときの割り当て順。"channel": 入荷ごとにチャネル按分

[report]
lang = "ja"                       # "en": 英語
currency = "JPY"
"#;

/// Writes `restock.toml` and one template per input table (its header line) into `dir`, which is made if need be.
/// Comments are in a language, which the configuration then asks for, too. Returns what was written.
///
/// # Errors
/// When one of the files exists already (nothing is written then), or the disk refuses.
pub fn init(dir: &Path, lang: Lang) -> Result<Vec<PathBuf>, InitError> {
    let mut files = vec![(dir.join("restock.toml"), template(lang))];
    for table in TABLES {
        files.push((
            dir.join(format!("{}.csv", table.table)),
            format!("{}\n", table.columns.join(",")),
        ));
    }
    std::fs::create_dir_all(dir).map_err(|e| InitError::Io {
        path: dir.to_owned(),
        why: e.to_string(),
    })?;
    write_new(&files)
}

/// Writes files that must not exist yet. Returns their paths.
///
/// # Errors
/// When one of the files exists already (nothing is written then), or the disk refuses.
pub fn write_new(files: &[(PathBuf, String)]) -> Result<Vec<PathBuf>, InitError> {
    let taken: Vec<PathBuf> = files
        .iter()
        .map(|(path, _)| path.clone())
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    if !taken.is_empty() {
        return Err(InitError::Exists(taken));
    }
    for (path, content) in files {
        // `create_new`: a file that appeared since the check above is not overwritten either.
        std::fs::File::create_new(path)
            .and_then(|mut f| f.write_all(content.as_bytes()))
            .map_err(|e| InitError::Io {
                path: path.clone(),
                why: e.to_string(),
            })?;
    }
    Ok(files.iter().map(|(path, _)| path.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, load};

    #[test]
    fn the_template_is_the_default_configuration() {
        let dir = tempfile::tempdir().expect("temp dir");
        let written = init(&dir.path().join("new"), Lang::En).expect("init");
        assert_eq!(written.len(), 1 + TABLES.len());
        assert_eq!(
            load(&written[0]).expect("template loads"),
            Config::default()
        );
    }

    #[test]
    fn the_japanese_template_differs_in_its_comments_and_its_language_alone() {
        let dir = tempfile::tempdir().expect("temp dir");
        let written = init(dir.path(), Lang::Ja).expect("init");
        let mut expected = Config::default();
        expected.report.lang = Lang::Ja;
        assert_eq!(load(&written[0]).expect("template loads"), expected);
        // Every key of the one is in the other, those that are commented out too.
        let keys = |lang| -> Vec<String> {
            template(lang)
                .lines()
                .filter_map(|line| line.split_once(" = "))
                .map(|(key, _)| key.trim_start_matches("# ").to_owned())
                .collect()
        };
        assert_eq!(keys(Lang::Ja), keys(Lang::En));
        let comments = template(Lang::Ja);
        let words = comments
            .lines()
            .filter_map(|line| line.split_once("  # ").map(|(_, comment)| comment))
            .filter(|comment| comment.is_ascii());
        assert_eq!(words.count(), 0, "a comment is not in Japanese");
    }

    #[test]
    fn an_existing_file_stops_everything() {
        let dir = tempfile::tempdir().expect("temp dir");
        std::fs::write(dir.path().join("stock.csv"), "mine").expect("write");
        let message = init(dir.path(), Lang::En).expect_err("refuses").to_string();
        assert!(message.contains("stock.csv"), "{message}");
        assert!(!dir.path().join("restock.toml").exists());
    }
}
