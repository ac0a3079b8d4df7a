//! Volumes: QCOW2 files in the pool, empty or on top of a cached image.

use windlass_model::VolumeId;
use windlass_vim::{ImageFormat, Result, Volume, VolumeSpec};

use crate::fault::{Fault, Outcome};
use crate::image;
use crate::link::Link;
use crate::pool::{self, Pool};
use crate::xml::Element;

/// Makes a volume unless it is there.
pub(crate) async fn ensure(link: &Link, spec: &VolumeSpec) -> Result<Volume> {
    let image = match &spec.image {
        Some(image) => Some(link.lock(&image.digest).await),
        None => None,
    };
    let spec = spec.clone();
    link.call_alone(spec.id, "make a volume", move |session| {
        // An image must not be removed between being found and being built on.
        let _image = image;
        make(&Pool::open(session.connect())?, &spec)
    })
    .await
}

/// Removes a volume and then its record.
pub(crate) async fn delete(link: &Link, volume: VolumeId) -> Result<()> {
    link.call_alone(volume, "remove a volume", move |session| {
        Pool::open(session.connect())?.remove_all(&volume.to_string())
    })
    .await
}

fn make(pool: &Pool<'_>, spec: &VolumeSpec) -> Outcome<Volume> {
    let name = spec.id.to_string();
    if let Some(volume) = pool.find(&name)? {
        if !pool.has_record(&name)? {
            return Err(Fault::NotOurs(format!("the volume {name}")));
        }
        return Ok(Volume { id: spec.id, size_bytes: volume.get_info()?.capacity });
    }
    let description = describe(pool, spec, &name)?;
    pool.record(&name, &spec.tag)?;
    let volume = pool.ensure(&name, &description)?;
    Ok(Volume { id: spec.id, size_bytes: volume.get_info()?.capacity })
}

fn describe(pool: &Pool<'_>, spec: &VolumeSpec, name: &str) -> Outcome<Element> {
    let asked = spec.size_gib << 30;
    let Some(base) = &spec.image else {
        return Ok(pool::described(name, asked, "qcow2"));
    };
    let missing = || Fault::Missing(format!("the image {}", base.digest));
    let image = image::find(pool, &base.digest)?.ok_or_else(missing)?;
    let size = asked.max(image::virtual_size(pool, &image, base.format)?);
    Ok(pool::described(name, size, "qcow2").child(backing(&image.get_path()?, base.format)))
}

fn backing(path: &str, format: ImageFormat) -> Element {
    let format = match format {
        ImageFormat::Qcow2 => "qcow2",
        ImageFormat::Raw | ImageFormat::Iso => "raw",
    };
    Element::new("backingStore")
        .child(Element::new("path").text(path))
        .child(Element::new("format").attr("type", format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_names_its_image_and_the_images_format() {
        let overlay = pool::described("v", 5 << 30, "qcow2")
            .child(backing("/pool/image-00.1", ImageFormat::Iso));
        insta::assert_snapshot!(overlay);
    }
}
