//! Stories of images.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream::{self, BoxStream};

use super::rig::Rig;
use super::scene::Scene;
use super::{Expect, Failure, refused, that};
use crate::{Error, ImageSource, ImageSpec};

pub(super) async fn an_image_is_kept_and_read_once(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host, image) = (scene.vim(), scene.here(), &scene.rig.images.disk);
    vim.remove_image(host, &image.spec.digest).await.expecting("an image can be removed")?;
    let source = Meddled::with(&image.source, Meddling::None);

    let at_once = (0..4).map(|_| vim.ensure_image(host, &image.spec, &source));
    for kept in join_all(at_once).await {
        kept.expecting("an image that many ask for at once is taken")?;
    }
    vim.ensure_image(host, &image.spec, &source).await.expecting("a kept image is found")?;

    let opened = source.opened.load(Ordering::SeqCst);
    that(opened == 1, format!("the source is read once, but it was opened {opened} times"))?;
    let went = vim.remove_image(host, &image.spec.digest).await;
    that(went.expecting("an image can be removed")?, "an image that is kept once goes at once")?;
    let again = vim.remove_image(host, &image.spec.digest).await;
    that(!again.expecting("removing a gone image succeeds")?, "a gone image does not go again")
}

pub(super) async fn a_corrupt_image_leaves_nothing(scene: &Scene<'_>) -> Result<(), Failure> {
    let spoiled = Meddled::with(&scene.rig.images.disk.source, Meddling::OneByteMore);
    let right = |error: &Error| matches!(error, Error::ImageCorrupt { .. });
    leaves_nothing(scene, &spoiled, right, "content with another digest is refused").await
}

pub(super) async fn a_broken_download_leaves_nothing(scene: &Scene<'_>) -> Result<(), Failure> {
    let broken = Meddled::with(&scene.rig.images.disk.source, Meddling::BreaksOff);
    let right = |error: &Error| matches!(error, Error::ImageSource(_));
    leaves_nothing(scene, &broken, right, "a download that breaks off is an error").await
}

async fn leaves_nothing(
    scene: &Scene<'_>,
    bad: &Meddled,
    right: impl Fn(&Error) -> bool,
    what: &str,
) -> Result<(), Failure> {
    let (vim, host, image) = (scene.vim(), scene.here(), &scene.rig.images.disk);
    vim.remove_image(host, &image.spec.digest).await.expecting("an image can be removed")?;

    refused(vim.ensure_image(host, &image.spec, bad).await, right, what)?;
    let kept = vim.remove_image(host, &image.spec.digest).await;
    that(!kept.expecting("an image can be removed")?, "a bad image is not kept")?;

    let good = vim.ensure_image(host, &image.spec, image.source.as_ref()).await;
    good.expecting("the right content is taken after the wrong one")
}

pub(super) async fn an_image_in_use_stays(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let ImageSpec { digest, .. } = &scene.rig.images.disk.spec;
    let volume = scene.volume(host).await?;

    let went = vim.remove_image(host, digest).await.expecting("a used image may be asked for")?;
    that(!went, "an image that a volume builds on stays")?;
    vim.delete_volume(host, volume.id).await.expecting("a volume can be removed")?;
    let went = vim.remove_image(host, digest).await.expecting("an image can be removed")?;
    that(went, "an image that no volume builds on any more goes")
}

/// Empties the caches of all hosts.
pub(super) async fn remove_all(rig: &Rig) -> Result<(), Failure> {
    for &host in &rig.hosts {
        for image in rig.images.all() {
            let gone = rig.vim.remove_image(host, &image.spec.digest).await;
            gone.expecting("an image can be removed at the end")?;
        }
    }
    Ok(())
}

/// A source that counts its readers, and may spoil what they read.
#[derive(Debug)]
struct Meddled {
    inner: Arc<dyn ImageSource>,
    how: Meddling,
    opened: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
enum Meddling {
    None,
    OneByteMore,
    BreaksOff,
}

impl Meddled {
    fn with(inner: &Arc<dyn ImageSource>, how: Meddling) -> Self {
        Self { inner: Arc::clone(inner), how, opened: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl ImageSource for Meddled {
    async fn open(&self) -> std::io::Result<BoxStream<'static, std::io::Result<Bytes>>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let content = self.inner.open().await?;
        Ok(match self.how {
            Meddling::None => content,
            Meddling::OneByteMore => content.chain(one(Ok(Bytes::from_static(b"!")))).boxed(),
            Meddling::BreaksOff => {
                let broken = std::io::Error::other("the connection broke off, as the case wants");
                content.take(1).chain(one(Err(broken))).boxed()
            }
        })
    }
}

fn one(item: std::io::Result<Bytes>) -> BoxStream<'static, std::io::Result<Bytes>> {
    stream::iter([item]).boxed()
}
