//! The order of the rooms and the circles of files, read from the `use` lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may use each other in a circle, at most.
const CIRCLE: usize = 3;

/// A path below the crate: `["policy", "backorders", "state"]`.
type Names = Vec<String>;

/// The paths in a `use` tree: `a::{b, c::d as e}` names `a::b` and `a::c::d`.
fn expand(before: &[String], tree: &str, found: &mut Vec<Names>) {
    let names = |text: &str| -> Names {
        let names = text.split("::").map(str::trim).filter(|n| !n.is_empty());
        before
            .iter()
            .cloned()
            .chain(names.map(str::to_owned))
            .collect()
    };
    let Some((head, group)) = tree.split_once('{') else {
        found.push(names(tree.split(" as ").next().unwrap_or(tree)));
        return;
    };
    let group = group.trim_end().strip_suffix('}').expect("a closed group");
    let (mut depth, mut from) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !group[from..at].trim().is_empty() {
                    expand(&names(head), &group[from..at], found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// What a file says of others.
#[derive(Default)]
struct File {
    uses: Vec<Names>,
    hands_on: Vec<Names>,
    /// Rooms that its code names, in `use` lines or elsewhere.
    rooms: BTreeSet<String>,
}

impl File {
    /// Reads a file without its comments and without the tests at its end.
    fn read(text: &str) -> Self {
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
        let code: Vec<&str> = code
            .lines()
            .map(|l| l.split("//").next().unwrap_or(l))
            .collect();
        let mut file = Self::default();
        let mut lines = code.iter();
        while let Some(line) = lines.next() {
            let Some((public, tree)) = line.trim_start().split_once("use ") else {
                continue;
            };
            if !matches!(public, "" | "pub " | "pub(super) ") {
                continue;
            }
            let mut tree = tree.to_owned();
            while !tree.contains(';') {
                tree += lines.next().expect("the end of a `use`");
            }
            let paths = if public.is_empty() {
                &mut file.uses
            } else {
                &mut file.hands_on
            };
            expand(&[], tree.split(';').next().unwrap_or(&tree), paths);
        }
        for named in code.join("\n").split("crate::").skip(1) {
            let room = named
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            file.rooms.extend(room.map(str::to_owned));
        }
        file
    }
}

/// All files of the crate by their module.
fn files() -> BTreeMap<Names, File> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&src, &mut paths);
    let mut files = BTreeMap::new();
    for path in paths {
        let below = path.strip_prefix(&src).unwrap().with_extension("");
        let mut names: Names = below
            .iter()
            .map(|n| n.to_str().unwrap().to_owned())
            .collect();
        if ["mod", "lib"].contains(&names.last().unwrap().as_str()) {
            names.pop();
        }
        files.insert(names, File::read(&fs::read_to_string(path).unwrap()));
    }
    // Modules of tests alone are declared as such by the file above them.
    let declares = |name: &str| ["tests", "data_tests", "made_plans"].contains(&name);
    files.retain(|names, _| names.last().is_none_or(|n| n != "main" && !declares(n)));
    files
}

/// The path of a `use` in a file, from the crate's root; `None` for other crates.
fn absolute(files: &BTreeMap<Names, File>, file: &[String], used: &[String]) -> Option<Names> {
    let up = used.iter().take_while(|n| *n == "super").count();
    let first = used.first()?.as_str();
    let mut path = match first {
        "crate" => Names::new(),
        "super" | "self" => file[..file.len() - up].to_vec(),
        child => {
            let below: Names = file.iter().cloned().chain([child.to_owned()]).collect();
            files.contains_key(&below).then(|| file.to_vec())?
        }
    };
    let skip = up.max(usize::from(matches!(first, "crate" | "self")));
    path.extend_from_slice(&used[skip..]);
    Some(path)
}

/// The file that has what a path names: where a file only hands it on, the one that it comes from.
fn origin(files: &BTreeMap<Names, File>, path: &[String], steps: usize) -> Option<Names> {
    let file = (1..=path.len())
        .rev()
        .map(|k| &path[..k])
        .find(|p| files.contains_key(*p))?;
    let handed = path.get(file.len()).and_then(|name| {
        let all = files[file].hands_on.iter();
        all.filter(|p| p.last() == Some(name))
            .find_map(|p| absolute(files, file, p))
    });
    match handed {
        Some(from) if steps > 0 && from != path => origin(files, &from, steps - 1),
        _ => Some(file.to_vec()),
    }
}

/// The files that each file uses.
fn arrows(files: &BTreeMap<Names, File>) -> BTreeMap<&Names, BTreeSet<Names>> {
    files
        .iter()
        .map(|(name, file)| {
            let used = file.uses.iter();
            let mut used: BTreeSet<Names> = used
                .filter_map(|p| origin(files, &absolute(files, name, p)?, 5))
                .collect();
            used.remove(name);
            (name, used)
        })
        .collect()
}

#[test]
fn no_room_uses_one_below_it() {
    let document = include_str!("../../docs/architecture.md");
    let order: Vec<&str> = document
        .lines()
        .filter_map(|l| l.strip_prefix("| `")?.split(['/', '`', '.']).next())
        .collect();
    assert!(order.len() > 10, "{order:?}");
    let files = files();
    let rooms: BTreeSet<&str> = files
        .keys()
        .filter_map(|f| f.first())
        .map(String::as_str)
        .collect();
    assert_eq!(
        rooms,
        order.iter().copied().collect(),
        "rooms and rows of the document"
    );
    let place = |room: &str| order.iter().position(|r| *r == room);
    let mut back = Vec::new();
    for (name, file) in &files {
        let Some(own) = name.first().and_then(|room| place(room)) else {
            continue;
        };
        for room in file.rooms.iter().filter(|r| *r != "text") {
            if place(room).is_some_and(|at| at > own) {
                back.push(format!("{} uses {room}", name.join("/")));
            }
        }
    }
    assert!(back.is_empty(), "{back:#?}");
}

#[test]
fn files_use_each_other_in_small_circles_only() {
    let files = files();
    let arrows = arrows(&files);
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 600);
    let reached = |from: &Names| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(file) = next.pop() {
            for used in arrows.get(file).into_iter().flatten() {
                if seen.insert(used) {
                    next.push(used);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&Names, BTreeSet<&Names>> =
        arrows.keys().map(|f| (*f, reached(f))).collect();
    for (file, below) in &reached {
        let circle: Vec<String> = below
            .iter()
            .filter(|f| reached.get(**f).is_some_and(|back| back.contains(*file)))
            .map(|f| f.join("/"))
            .collect();
        assert!(circle.len() <= CIRCLE, "{circle:#?}");
    }
}

#[test]
fn a_use_line_is_read_as_the_compiler_reads_it() {
    let file = File::read(
        "use a::{b, c::{d as e, f}};\npub use self::g::H;\n// use not::this;\nlet x = crate::room::f();\n#[cfg(test)]\nmod tests {\n use k::l;\n}\n",
    );
    let shown = |paths: &[Names]| paths.iter().map(|p| p.join("::")).collect::<Vec<_>>();
    assert_eq!(shown(&file.uses), ["a::b", "a::c::d", "a::c::f"]);
    assert_eq!(shown(&file.hands_on), ["self::g::H"]);
    assert_eq!(file.rooms.into_iter().collect::<Vec<_>>(), ["room"]);
}
