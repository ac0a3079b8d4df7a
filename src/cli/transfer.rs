//! Files on their way to the server and back.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::io::ReaderStream;
use windlass_client::{Download, Upload};

use super::archive::Archive;
use super::context::Context;
use super::outcome::Usage;

/// A package on its way to the server, with a bar on a terminal.
pub async fn upload(path: &Path) -> anyhow::Result<Upload> {
    let path = path.to_owned();
    let name = path.display().to_string();
    let archive = tokio::task::spawn_blocking(move || Archive::open(&path)).await??;
    let file = tokio::fs::File::from_std(archive.into_file());
    let length = file.metadata().await?.len();
    let bar = bar(length).with_message(name);
    let stream = ReaderStream::with_capacity(file, 64 << 10).inspect_ok({
        let bar = bar.clone();
        move |piece| bar.inc(piece.len() as u64)
    });
    // The bar goes away with the stream, before anything else is printed.
    let stream = stream.chain(
        futures::stream::once(async move { bar.finish_and_clear() }).filter_map(async |()| None),
    );
    Ok(Upload::stream(stream, Some(length)))
}

fn bar(length: u64) -> ProgressBar {
    let template = "{msg:.bold} {bar:30.cyan/dim} {bytes}/{total_bytes} {bytes_per_sec}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style.progress_chars("━╸─"))
}

/// Writes what the server sends into a file, or to standard output.
pub async fn download(
    context: &Context,
    content: Download,
    into: Option<PathBuf>,
) -> anyhow::Result<()> {
    let is_text = content.media_type().is_some_and(|media_type| media_type.starts_with("text/"));
    let Some(path) = into else {
        if !is_text && io::stdout().is_terminal() {
            let told = "this is an archive and no text: say where to put it with `--into FILE`";
            bail!(Usage(told.to_owned()));
        }
        return copy(content, io::stdout()).await.map(drop);
    };
    // What is written half stays under another name, so that nobody takes it for the whole.
    let part = PathBuf::from(format!("{}.part", path.display()));
    let about = |path: &Path| format!("cannot write {}", path.display());
    let file = std::fs::File::create(&part).with_context(|| about(&part))?;
    let written = copy(content, file).await;
    if written.is_err() {
        // The error that is told is the first one.
        let _ = std::fs::remove_file(&part);
    }
    let bytes = written?;
    std::fs::rename(&part, &path).with_context(|| about(&path))?;
    context.output.note(&format!("{}: {bytes} bytes", path.display()));
    Ok(())
}

async fn copy(content: Download, mut into: impl Write) -> anyhow::Result<u64> {
    let mut pieces = std::pin::pin!(content.stream());
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        into.write_all(&piece)?;
        bytes += piece.len() as u64;
    }
    into.flush()?;
    Ok(bytes)
}
