//! Each stage of the plan on 1,000 series × 730 days, beside the least that could be done instead.
//!
//! A baseline does less than its stage; the ratio says what the rest costs.

mod shop;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use statrs::distribution::{ContinuousCDF, DiscreteCDF, NegativeBinomial, Normal};

use restock::config::Config;
use restock::demand;
use restock::domain::Checked;
use restock::forecast::distribution::Demand;
use restock::forecast::{LeadTimes, forecast};
use restock::input::{self, Options};
use restock::output::{self, Cancel, WriteOptions};
use restock::panel::{self, Panel};
use restock::plan::{self, Request};
use restock::policy::{self, Basis};
use restock::supply;

use shop::{Form, Shop, Size};

const SIZE: Size = Size {
    series: 1_000,
    days: 730,
};

fn checked(data: &Path, config: &Config) -> Checked {
    let options = Options {
        data,
        config,
        as_of: None,
    };
    input::read(options).expect("the generator's data are clean")
}

fn read(c: &mut Criterion, home: &Path, config: &Config) {
    let mut group = c.benchmark_group("read");
    for form in [Form::Csv, Form::Parquet] {
        let data = home.join(form.ending());
        group.bench_function(form.ending(), |b| b.iter(|| checked(&data, config)));
    }
    let stock = home.join("csv/stock.csv");
    group.bench_function("baseline: count the records of stock.csv", |b| {
        b.iter(|| {
            let mut reader = csv::Reader::from_path(&stock).expect("written above");
            let mut record = csv::ByteRecord::new();
            let mut rows = 0u64;
            while reader.read_byte_record(&mut record).expect("well formed") {
                rows += 1;
            }
            rows
        });
    });
    group.finish();
}

#[expect(deprecated, reason = "the eager sum, as in panel/span.rs")]
fn availability(c: &mut Criterion, input: &Checked) {
    let mut group = c.benchmark_group("availability");
    group.bench_function("panel", |b| {
        b.iter(|| {
            panel::build(
                input.records.clone(),
                &input.tables,
                restock::config::OUT_ODDS,
                &mut Vec::new(),
            )
            .expect("checked tables")
        });
    });
    group.bench_function("baseline: units by series", |b| {
        b.iter(|| {
            input
                .records
                .sales
                .0
                .group_by(["sku", "channel"])
                .and_then(|series| series.select(["units"]).sum())
                .expect("these columns exist")
        });
    });
    group.finish();
}

/// Units sold ÷ days with stock: what a spreadsheet makes of stockouts.
fn naive_rates(panel: &Panel) -> Vec<f64> {
    (0..panel.len())
        .map(|i| {
            let view = panel.view(i);
            let sold: f64 = view.sold.iter().sum();
            let open = view
                .availability
                .iter()
                .filter(|a| !a.is_stockout())
                .count();
            sold / open.max(1) as f64
        })
        .collect()
}

fn from_demand_on(c: &mut Criterion, input: &Checked, config: &Config) {
    let tables = &input.tables;
    let (panel, moved) = panel::build(
        input.records.clone(),
        tables,
        restock::config::OUT_ODDS,
        &mut Vec::new(),
    )
    .expect("checked tables");
    let mut group = c.benchmark_group("demand");
    group.bench_function("estimate", |b| b.iter(|| demand::estimate(&panel, tables)));
    group.bench_function("baseline: units over days in stock", |b| {
        b.iter(|| naive_rates(black_box(&panel)));
    });
    group.finish();

    let model = demand::estimate(&panel, tables);
    let learnt = LeadTimes::learn(tables);
    let (leads, reviews) = policy::protection_intervals(&panel, tables, config, &learnt);
    let mut group = c.benchmark_group("forecast");
    group.bench_function("all series", |b| {
        b.iter(|| forecast(&panel, tables, &model, &leads, &reviews));
    });
    group.bench_function("baseline: mean and spread of the last four weeks", |b| {
        b.iter(|| four_weeks(black_box(&panel)));
    });
    group.finish();

    let forecast = forecast(&panel, tables, &model, &leads, &reviews);
    let pools = supply::pools(
        &panel,
        &moved,
        tables,
        &learnt,
        &config.policy,
        &mut Vec::new(),
    );
    let basis = Basis {
        tables,
        panel: &panel,
        config,
        model: &model,
        forecast: &forecast,
        lead_times: &learnt,
    };
    let rows = policy::decide(&basis, &pools, None).rows;
    let mut group = c.benchmark_group("policy");
    group.bench_function("recommend", |b| {
        b.iter(|| policy::decide(&basis, &pools, None))
    });
    group.bench_function("forecast weeks", |b| {
        b.iter(|| policy::forecast_weeks(&basis, &rows));
    });
    group.bench_function("baseline: z sigma sqrt(L + R)", |b| {
        let normal = Normal::standard();
        b.iter(|| {
            four_weeks(&panel)
                .into_iter()
                .map(|(mean, sd)| mean * 22.0 + normal.inverse_cdf(0.95) * sd * 22f64.sqrt())
                .collect::<Vec<f64>>()
        });
    });
    group.finish();
}

fn four_weeks(panel: &Panel) -> Vec<(f64, f64)> {
    (0..panel.len())
        .map(|i| {
            let sold = panel.view(i).sold;
            let last = &sold[sold.len().saturating_sub(28)..];
            let n = last.len().max(1) as f64;
            let mean = last.iter().sum::<f64>() / n;
            let squares: f64 = last.iter().map(|x| (x - mean).powi(2)).sum();
            (mean, (squares / n).sqrt())
        })
        .collect()
}

fn distributions(c: &mut Criterion) {
    let (mean, variance) = (34.0, 85.0);
    let ours = Demand::NegativeBinomial { mean, variance };
    let size = mean * mean / (variance - mean);
    let theirs = NegativeBinomial::new(size, size / (size + mean)).expect("a proper law");
    let mut group = c.benchmark_group("negative binomial");
    group.bench_function("quantile", |b| b.iter(|| ours.quantile(black_box(0.95))));
    group.bench_function("baseline: quantile of statrs", |b| {
        b.iter(|| theirs.inverse_cdf(black_box(0.95)));
    });
    group.bench_function("probability and loss", |b| {
        b.iter(|| ours.tails(black_box(40.0)))
    });
    group.bench_function("baseline: probability of statrs", |b| {
        b.iter(|| theirs.cdf(black_box(40)));
    });
    group.finish();
}

fn write(c: &mut Criterion, home: &Path, config: &Config) {
    let data = home.join("csv");
    let request = Request {
        data: &data,
        config,
        as_of: None,
        top: 0,
    };
    let plan = plan::run(request, &|_| {}).expect("the generator's data are clean");
    let out = home.join("out");
    let options = WriteOptions::new(&out);
    let draw = |_: &Path| Ok::<(), Infallible>(());
    let cancel = Cancel::default();
    let mut group = c.benchmark_group("write");
    group.bench_function("plan folder without charts", |b| {
        b.iter(|| output::write(&plan, config, &options, &cancel, draw).expect("room on the disk"));
    });
    let files: BTreeMap<_, _> = fs::read_dir(&out)
        .expect("written above")
        .filter_map(Result::ok)
        .filter(|f| f.path().is_file())
        .map(|f| (f.file_name(), fs::read(f.path()).expect("written above")))
        .collect();
    let copy = home.join("copy");
    group.bench_function("baseline: the same bytes", |b| {
        b.iter(|| {
            fs::create_dir_all(&copy).expect("room on the disk");
            for (name, bytes) in &files {
                fs::write(copy.join(name), bytes).expect("room on the disk");
            }
        });
    });
    group.finish();
}

fn stages(c: &mut Criterion) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let shop = Shop::new(SIZE, 20_261_122);
    let (sales, stock, _) = shop.facts();
    println!("{sales} rows of sales, {stock} of stock");
    for form in [Form::Csv, Form::Parquet] {
        shop.write(&home.path().join(form.ending()), form)
            .expect("room on the disk");
    }
    let config = Config::default();
    read(c, home.path(), &config);
    let input = checked(&home.path().join("csv"), &config);
    availability(c, &input);
    from_demand_on(c, &input, &config);
    distributions(c);
    write(c, home.path(), &config);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = stages
}
criterion_main!(benches);
