//! Writes a small ISO 9660 file system: one directory of files, once with plain names and once
//! with Joliet names, so that every guest finds them.
//!
//! ```text
//!  sector 16        17      18          19-20        21-22          23    24       25…
//!  primary volume   Joliet  terminator  path tables  path tables    root  root     files
//!  descriptor       volume              (primary)    (Joliet)             (Joliet)
//! ```
//! Source: ECMA-119 (4th edition) and Microsoft's Joliet specification. The primary directory has
//! the names as they are, as `mkisofs -allow-lowercase` writes them; Linux reads them so.

const SECTOR: usize = 2048;
const PRIMARY_TABLES: u32 = 19;
const JOLIET_TABLES: u32 = 21;
const PRIMARY_ROOT: u32 = 23;
const JOLIET_ROOT: u32 = 24;
const FIRST_FILE: u32 = 25;

/// A file to be put in the root directory.
#[derive(Debug)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) content: &'a [u8],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Plain,
    Joliet,
}

/// The image of a file system with `files` under a volume label of at most 16 characters.
/// `None` when the files do not fit in a directory of one sector or a file has 4 GiB.
pub(crate) fn image(label: &str, files: &[File<'_>]) -> Option<Vec<u8>> {
    let mut placed = Vec::new();
    let mut next = FIRST_FILE;
    for file in files {
        let size = u32::try_from(file.content.len()).ok()?;
        placed.push((file, next, size));
        next = next.checked_add(size.div_ceil(u32::try_from(SECTOR).ok()?))?;
    }
    let mut image = vec![0; 16 * SECTOR];
    image.extend(descriptor(Names::Plain, label, next));
    image.extend(descriptor(Names::Joliet, label, next));
    image.extend(sector(&[b"\xffCD001\x01"])?);
    for root in [PRIMARY_ROOT, JOLIET_ROOT] {
        image.extend(sector(&[&path_table(root.to_le_bytes(), 1u16.to_le_bytes())])?);
        image.extend(sector(&[&path_table(root.to_be_bytes(), 1u16.to_be_bytes())])?);
    }
    for (names, root) in [(Names::Plain, PRIMARY_ROOT), (Names::Joliet, JOLIET_ROOT)] {
        let here = record(&[0], root, 2048, true);
        let parent = record(&[1], root, 2048, true);
        let mut directory = [here, parent].concat();
        for (file, at, size) in &placed {
            directory.extend(record(&encoded(names, file.name), *at, *size, false));
        }
        image.extend(sector(&[&directory])?);
    }
    for file in files {
        image.extend_from_slice(file.content);
        image.resize(image.len().next_multiple_of(SECTOR), 0);
    }
    Some(image)
}

/// Parts in a row, padded to one sector; `None` when they are longer.
fn sector(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut sector = parts.concat();
    if sector.len() > SECTOR {
        return None;
    }
    sector.resize(SECTOR, 0);
    Some(sector)
}

fn descriptor(names: Names, label: &str, sectors: u32) -> Vec<u8> {
    let (kind, tables, root) = match names {
        Names::Plain => (1, PRIMARY_TABLES, PRIMARY_ROOT),
        Names::Joliet => (2, JOLIET_TABLES, JOLIET_ROOT),
    };
    let mut d = vec![0; SECTOR];
    d[0] = kind;
    d[1..7].copy_from_slice(b"CD001\x01");
    for text in [8..72, 190..813] {
        blank(&mut d[text], names);
    }
    let label = encoded(names, label);
    let length = label.len().min(32);
    d[40..40 + length].copy_from_slice(&label[..length]);
    d[80..88].copy_from_slice(&both_u32(sectors));
    if names == Names::Joliet {
        d[88..91].copy_from_slice(b"%/E"); // UCS-2 level 3
    }
    d[120..124].copy_from_slice(&both_u16(1));
    d[124..128].copy_from_slice(&both_u16(1));
    d[128..132].copy_from_slice(&both_u16(2048));
    d[132..140].copy_from_slice(&both_u32(10));
    d[140..144].copy_from_slice(&tables.to_le_bytes());
    d[148..152].copy_from_slice(&(tables + 1).to_be_bytes());
    d[156..190].copy_from_slice(&record(&[0], root, 2048, true));
    // Dates are "not specified", so that the same files make the same image.
    for date in [813, 830, 847, 864] {
        d[date..date + 16].fill(b'0');
    }
    d[881] = 1;
    d
}

/// Fills a text field with spaces.
fn blank(field: &mut [u8], names: Names) {
    match names {
        Names::Plain => field.fill(b' '),
        Names::Joliet => field.chunks_mut(2).for_each(|unit| {
            let space = [0, b' '];
            unit.copy_from_slice(&space[..unit.len()]);
        }),
    }
}

fn encoded(names: Names, text: &str) -> Vec<u8> {
    match names {
        Names::Plain => text.as_bytes().to_vec(),
        Names::Joliet => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

fn path_table(root: [u8; 4], parent: [u8; 2]) -> Vec<u8> {
    [&[1, 0], &root[..], &parent, &[0, 0]].concat()
}

/// A directory record: ECMA-119 clause 9.1.
fn record(name: &[u8], at: u32, size: u32, directory: bool) -> Vec<u8> {
    let padding = usize::from(name.len().is_multiple_of(2));
    let length = 33 + name.len() + padding;
    let mut record = Vec::with_capacity(length);
    // Names come from a few constants, so both lengths fit a byte.
    record.extend([u8::try_from(length).unwrap_or(u8::MAX), 0]);
    record.extend(both_u32(at));
    record.extend(both_u32(size));
    record.extend([0; 7]);
    record.extend([if directory { 2 } else { 0 }, 0, 0]);
    record.extend(both_u16(1));
    record.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    record.extend_from_slice(name);
    record.extend(vec![0; padding]);
    record
}

/// A number in both byte orders, as ECMA-119 wants it.
fn both_u32(number: u32) -> [u8; 8] {
    let mut both = [0; 8];
    both[..4].copy_from_slice(&number.to_le_bytes());
    both[4..].copy_from_slice(&number.to_be_bytes());
    both
}

fn both_u16(number: u16) -> [u8; 4] {
    let [a, b] = number.to_le_bytes();
    [a, b, b, a]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(bytes: &[u8]) -> usize {
        let little = u32::from_le_bytes(bytes[..4].try_into().unwrap());
        assert_eq!(little, u32::from_be_bytes(bytes[4..8].try_into().unwrap()));
        little as usize
    }

    /// Reads the root directory that the descriptor in a sector names.
    fn read(image: &[u8], descriptor: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let d = &image[descriptor * SECTOR..][..SECTOR];
        assert_eq!(number(&d[80..88]) * SECTOR, image.len(), "the volume's size is wrong");
        let root = number(&d[158..166]) * SECTOR;
        let mut directory = &image[root..root + number(&d[166..174])];
        let mut files = Vec::new();
        while directory.first().is_some_and(|length| *length > 0) {
            let (entry, rest) = directory.split_at(directory[0].into());
            let name = &entry[33..33 + usize::from(entry[32])];
            if entry[25] == 0 {
                let content = &image[number(&entry[2..10]) * SECTOR..][..number(&entry[10..18])];
                files.push((name.to_vec(), content.to_vec()));
            }
            directory = rest;
        }
        files
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(
            contents in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..5000), 0..5),
        ) {
            let names: Vec<String> = (0..contents.len()).map(|n| format!("file-{n}")).collect();
            let files: Vec<File<'_>> = names.iter().zip(&contents)
                .map(|(name, content)| File { name, content }).collect();
            let image = image("cidata", &files).unwrap();
            let expected: Vec<_> = names.iter().cloned().map(String::into_bytes)
                .zip(contents.clone()).collect();
            prop_assert_eq!(&read(&image, 16), &expected);
            let joliet: Vec<_> = read(&image, 17).into_iter()
                .map(|(name, content)| {
                    let units = name.chunks(2).map(|u| u16::from_be_bytes([u[0], u[1]]));
                    (String::from_utf16(&units.collect::<Vec<_>>()).unwrap().into_bytes(), content)
                }).collect();
            prop_assert_eq!(joliet, expected);
        }
    }

    #[test]
    fn the_label_stands_where_blkid_looks_for_it() {
        let image = image("cidata", &[]).unwrap();
        assert_eq!(&image[16 * SECTOR + 40..][..8], b"cidata  ");
    }

    #[test]
    fn more_files_than_a_sector_of_names_holds_are_refused() {
        let files: Vec<_> = (0..60).map(|_| File { name: "a-file", content: b"" }).collect();
        assert!(image("cidata", &files).is_none());
    }
}
