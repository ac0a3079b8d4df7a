//! The image caches.

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use windlass_model::{HostId, ImageDigest};
use windlass_vim::{Boot, DiskSource, Error, ImageSource, ImageSpec, VmSpec};

use crate::fact::Fact;
use crate::world::{HostWorld, World, missing};

/// Reads an image to its end, and checks what it is when that is wanted.
///
/// An image that nobody carries ([`std::io::ErrorKind::NotFound`]) counts as one that was on the
/// host beforehand: simulated guests need none of its bytes.
pub(crate) async fn read(
    image: &ImageSpec,
    source: &dyn ImageSource,
    verify: bool,
) -> Result<(), Error> {
    let mut content = match source.open().await {
        Ok(content) => content,
        Err(absent) if absent.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::ImageSource(error)),
    };
    let mut hasher = Sha256::new();
    while let Some(chunk) = content.try_next().await.map_err(Error::ImageSource)? {
        if verify {
            hasher.update(&chunk);
        }
    }
    if !verify {
        return Ok(());
    }
    let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == image.digest.hex() {
        Ok(())
    } else {
        Err(Error::ImageCorrupt { expected: image.digest.to_string(), found })
    }
}

impl World {
    pub(crate) fn has_image(&self, host: HostId, image: &ImageDigest) -> Result<bool, Error> {
        Ok(self.host(host)?.images.contains(image))
    }

    pub(crate) fn keep_image(&mut self, host: HostId, image: &ImageDigest) -> Result<(), Error> {
        if !self.has_image(host, image)? {
            self.change(Fact::Image { host, image: image.clone() });
        }
        Ok(())
    }

    pub(crate) fn remove_image(
        &mut self,
        host: HostId,
        image: &ImageDigest,
    ) -> Result<bool, Error> {
        let world = self.host(host)?;
        let goes = !world.uses(image) && world.images.contains(image);
        if goes {
            self.change(Fact::ImageGone { host, image: image.clone() });
        }
        Ok(goes)
    }
}

impl HostWorld {
    pub(crate) fn need_image(&self, host: HostId, image: &ImageDigest) -> Result<(), Error> {
        if self.images.contains(image) {
            Ok(())
        } else {
            Err(missing(host, format!("image {image}")))
        }
    }

    fn uses(&self, image: &ImageDigest) -> bool {
        let builds = |base: &Option<ImageSpec>| base.as_ref().is_some_and(|i| i.digest == *image);
        self.volumes.values().any(|volume| builds(&volume.image))
            || self.machines.values().any(|vm| images_of(&vm.spec).any(|used| used == image))
    }
}

/// The cached images that a machine boots from or has in its drives.
pub(crate) fn images_of(spec: &VmSpec) -> impl Iterator<Item = &ImageDigest> {
    let (kernel, initrd) = match &spec.boot {
        Boot::Disk => (None, None),
        Boot::Kernel { kernel, initrd, .. } => (Some(kernel), initrd.as_ref()),
    };
    let discs = spec.disks.iter().filter_map(|disk| match &disk.source {
        DiskSource::Image(image) => Some(image),
        DiskSource::Volume(_) => None,
    });
    kernel.into_iter().chain(initrd).chain(discs)
}
