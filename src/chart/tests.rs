//! All charts of made-up plans, in both languages: the ordinary one and the ones at the edges.

use std::path::Path;

use resvg::tiny_skia::Pixmap;

use super::made_plans::{Made, ORDINARY, cases, extreme, made};
use super::*;

fn is_blank(png: &Path) -> bool {
    let picture = Pixmap::decode_png(&std::fs::read(png).unwrap()).unwrap();
    assert_eq!((picture.width(), picture.height()), (1600, 900), "{png:?}");
    let ink = picture.pixels().iter().filter(|p| p.red() < 128).count();
    ink < 200
}

#[test]
fn an_ordinary_plan_becomes_svg_and_png_files() {
    let folder = tempfile::tempdir().unwrap();
    let plan = made(Made {
        japanese: true,
        series: 5,
        ..ORDINARY
    });
    let told = std::cell::RefCell::new(Vec::new());
    let paths = draw_all(
        &plan,
        Lang::Ja,
        2,
        folder.path(),
        &|done, all| {
            told.borrow_mut().push((done, all));
        },
        &|| false,
    )
    .unwrap();
    assert_eq!(told.borrow().first(), Some(&(0, 8)));
    assert_eq!(told.borrow().last(), Some(&(8, 8)));
    let names: Vec<String> = chart_names(&plan, 2)
        .into_iter()
        .flat_map(|name| [format!("{name}.svg"), format!("{name}.png")])
        .collect();
    let wanted: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
    assert_eq!(paths, wanted);
    assert!(names[12].starts_with("series-01-"), "{names:?}");
    for pair in paths.chunks(2) {
        assert!(!is_blank(&pair[1]), "{pair:?}");
    }
    let svg = |k: usize| std::fs::read_to_string(&paths[k]).unwrap();
    assert!(svg(0).contains("週別の販売・入荷待ち受注・機会損失"));
    assert!(svg(12).contains("発注点") && svg(12).contains("機会損失"));
    assert!(!svg(4).contains("chart."), "a text is missing");
}

#[test]
fn every_case_is_a_valid_drawing_in_both_languages() {
    for (case, plan) in cases() {
        for lang in [Lang::En, Lang::Ja] {
            for (kind, name) in charts(&plan, 1) {
                let svg = kind
                    .svg(&plan, lang)
                    .unwrap_or_else(|e| panic!("{case} {name}: {e}"));
                let tree = raster::parsed(&svg).unwrap_or_else(|e| panic!("{case} {name}: {e}"));
                assert_eq!(tree.size().width(), 1600.0, "{case} {name}");
                assert!(
                    !svg.contains("NaN") && !svg.contains("inf\""),
                    "{case} {name}"
                );
                assert!(
                    !svg.contains(">\nchart."),
                    "{case} {name}: a text is missing"
                );
                assert!(!svg.contains('{'), "{case} {name}: a placeholder is left");
                assert_texts_inside(&tree, &format!("{case} {name} {lang:?}"));
            }
        }
    }
}

/// No text leaves the picture, none is smaller than 16 pixels, and no two texts cover each other.
fn assert_texts_inside(tree: &resvg::usvg::Tree, what: &str) {
    let mut boxes: Vec<(resvg::tiny_skia::Rect, String)> = Vec::new();
    for node in tree.root().children() {
        texts_of(node, what, &mut boxes);
    }
    assert!(!boxes.is_empty(), "{what}: no text");
    for (k, (a, text)) in boxes.iter().enumerate() {
        assert!(
            a.left() >= 0.0 && a.top() >= 0.0 && a.right() <= 1600.0 && a.bottom() <= 900.0,
            "{what}: {text:?} is cut off at {a:?}"
        );
        for (b, other) in &boxes[k + 1..] {
            let across = a.right().min(b.right()) - a.left().max(b.left());
            let down = a.bottom().min(b.bottom()) - a.top().max(b.top());
            assert!(
                across <= 1.0 || down <= 1.5,
                "{what}: {text:?} covers {other:?}"
            );
        }
    }
}

fn texts_of(
    node: &resvg::usvg::Node,
    what: &str,
    boxes: &mut Vec<(resvg::tiny_skia::Rect, String)>,
) {
    match node {
        resvg::usvg::Node::Group(group) => {
            for child in group.children() {
                texts_of(child, what, boxes);
            }
        }
        resvg::usvg::Node::Text(text) => {
            let words: String = text.chunks().iter().map(|chunk| chunk.text()).collect();
            for span in text.chunks().iter().flat_map(|chunk| chunk.spans()) {
                let size = span.font_size().get() / 10.0;
                assert!(size >= 16.0, "{what}: {words:?} has {size} pixels");
            }
            // Ink, not line height: rows may be set close.
            let ink = text.flattened().abs_bounding_box();
            boxes.push((ink, words));
        }
        _ => {}
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_with_any_number_of_threads() {
    let plan = made(Made {
        series: 3,
        days: 120,
        ..ORDINARY
    });
    let bytes = |threads: usize| -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let paths = pool.install(|| {
            // Progress is not shared between threads, so that it is made inside.
            draw_all(&plan, Lang::En, 1, folder.path(), &|_, _| (), &|| false).unwrap()
        });
        paths
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect()
    };
    assert_eq!(bytes(1), bytes(3));
}

#[test]
fn file_names_are_safe_and_unique() {
    let names = chart_names(&extreme(), 50);
    assert_eq!(names.len(), 6 + 7);
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    for name in &names {
        assert!(name.len() <= 200, "{name}");
        assert!(
            name.chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_'),
            "{name}"
        );
    }
    assert!(
        names.iter().any(|name| name.contains("ガーゼ-タオル")),
        "{names:?}"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "x").unwrap();
    let error = draw_all(
        &made(Made {
            series: 0,
            ..ORDINARY
        }),
        Lang::En,
        0,
        &file,
        &|_, _| (),
        &|| false,
    )
    .unwrap_err();
    assert!(error.to_string().contains("taken"), "{error}");
}

#[test]
fn drawing_stops_between_charts() {
    let folder = tempfile::tempdir().unwrap();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0;
    let plan = made(Made {
        series: 8,
        days: 60,
        ..ORDINARY
    });
    let error = draw_all(&plan, Lang::En, 8, folder.path(), &|_, _| (), &stop).unwrap_err();
    assert!(matches!(error, ChartError::Stopped), "{error}");
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "one chart was begun before");
}
