//! Stories of volumes.

use futures::future::join;

use super::scene::Scene;
use super::{Expect, Failure, that};
use crate::{OwnedKind, VolumeSpec};

const GIB: u64 = 1 << 30;

pub(super) async fn a_volume_made_twice_is_one(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    scene.cache_images(host).await?;
    let overlay = scene.volume_spec(host);
    let empty = VolumeSpec { image: None, size_gib: 1, ..scene.volume_spec(host) };

    for spec in [&overlay, &empty] {
        let (one, two) = join(vim.ensure_volume(host, spec), vim.ensure_volume(host, spec)).await;
        let one = one.expecting("a volume can be made")?;
        let two = two.expecting("a volume can be made by two callers at once")?;
        let three = vim.ensure_volume(host, spec).await.expecting("a volume is found again")?;
        that(one == two && two == three, "a volume made thrice is one volume")?;
        let wanted = spec.size_gib * GIB;
        that(one.size_bytes == wanted, format!("the volume has {wanted} bytes: {one:?}"))?;

        let listed = scene.owned().await?;
        let same = |id: &str| id == spec.id.to_string();
        let listed = listed.iter().filter(|v| v.kind == OwnedKind::Volume && same(&v.id)).count();
        that(listed == 1, format!("a volume made thrice is listed once, not {listed} times"))?;

        vim.delete_volume(host, spec.id).await.expecting("a volume can be removed")?;
        vim.delete_volume(host, spec.id).await.expecting("removing it again succeeds")?;
    }
    Ok(())
}
