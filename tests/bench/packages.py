"""VNF packages and NSD archives of any size, made for a measurement."""
import hashlib
import io
import uuid
import zipfile

# One name space, so that the same service has the same descriptors on every run.
SPACE = uuid.UUID("5a1c3e0e-54d1-4b5d-8a51-3a9c2d6f7b10")
IMAGE = b"a simulated disk\n"


def ident(text):
    return str(uuid.uuid5(SPACE, text))


def archive(files):
    """A zip, byte for byte the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def signed(meta, manifest_name, manifest, files):
    """An archive with a manifest that has the digest of every file."""
    files = {"TOSCA-Metadata/TOSCA.meta": meta} | files
    for name, content in files.items():
        digest = hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()
        manifest += f"\nSource: {name}\nAlgorithm: SHA-256\nHash: {digest}\n"
    return archive(files | {manifest_name: manifest})


def meta(entry, manifest):
    return (f"TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: Windlass\n"
            f"Entry-Definitions: {entry}\nETSI-Entry-Manifest: {manifest}\n")


def vnf(name, vms=1, vcpus=1, memory_mib=128, port=False, metadata="", image=IMAGE, disk_format="raw"):
    """A package of one VDU with so many machines, each with a port in the VNF's one external link or with none."""
    vnfd = ident(name)
    descriptor = VNFD.format(name=name, vnfd=vnfd, vms=vms, vcpus=vcpus, memory=memory_mib, format=disk_format,
                             image=hashlib.sha256(image).hexdigest(), size=len(image),
                             mapping=PORT_MAPPING if port else "", port=PORT if port else "",
                             metadata=f"\n      metadata: {{ {metadata} }}" if metadata else "")
    manifest = VNF_MANIFEST.format(name=name, vnfd=vnfd)
    files = {f"Definitions/{name}.yaml": descriptor, "Files/images/disk.img": image}
    return signed(meta(f"Definitions/{name}.yaml", f"{name}.mf"), f"{name}.mf", manifest, files)


def service(name, vnfs):
    """An NSD whose VNFs, of these packages' names, share one virtual link."""
    types = TYPES + "".join(TYPE.format(name=vnf, vnfd=ident(vnf)) for vnf in vnfs)
    members = "".join(MEMBER.format(name=vnf) for vnf in vnfs)
    nsd = NSD.format(name=name, nsd=ident(name), invariant=ident(f"{name}/any"), members=members)
    manifest = NSD_MANIFEST.format(name=name, invariant=ident(f"{name}/any"))
    files = {f"Definitions/{name}.yaml": nsd, "Definitions/vnfs.yaml": types}
    return signed(meta(f"Definitions/{name}.yaml", f"{name}.mf"), f"{name}.mf", manifest, files)


VNF_MANIFEST = """metadata:
  vnf_product_name: {name}
  vnf_provider_id: Windlass
  vnf_package_version: 1.0
  vnf_release_date_time: 2026-01-01T00:00:00Z
  vnfd_id: {vnfd}
  vnfm_info: 0:windlass
  compatible_specification_versions: 4.4.1
"""

NSD_MANIFEST = """metadata:
  nsd_designer: Windlass
  nsd_invariant_id: {invariant}
  nsd_name: {name}
  nsd_file_structure_version: 1.0
  nsd_release_date_time: 2026-01-01T00:00:00Z
  compatible_specification_versions: 4.4.1
"""

PORT_MAPPING = """
    requirements:
      service: [ port, virtual_link ]"""

PORT = """
    port:
      type: tosca.nodes.nfv.VduCp
      properties:
        order: 0
        vnic_type: normal
        layer_protocols: [ ipv4 ]
        protocol:
          - associated_layer_protocol: ipv4
            address_data:
              - address_type: ip_address
                l3_address_data: { floating_ip_activated: false, ip_address_assignment_subtype: dynamic }
      requirements:
        - virtual_binding: unit
"""

VNFD = """tosca_definitions_version: tosca_simple_yaml_1_3
description: Machines for a measurement
imports:
  - etsi_nfv_sol001_vnfd_types.yaml
node_types:
  windlass.bench.{name}:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      flavour_id: {{ type: string, constraints: [ valid_values: [ default ] ], default: default }}
    requirements:
      - service:
          capability: tosca.capabilities.nfv.VirtualLinkable
          relationship: tosca.relationships.nfv.VirtualLinksTo
          occurrences: [ 0, 1 ]
topology_template:
  substitution_mappings:
    node_type: windlass.bench.{name}{mapping}
  node_templates:
    vnf:
      type: windlass.bench.{name}
      properties:
        descriptor_id: {vnfd}
        descriptor_version: '1.0'
        provider: Windlass
        product_name: {name}
        software_version: '1.0'
        vnfm_info: [ '0:windlass' ]
        flavour_description: Machines for a measurement
    unit:
      type: tosca.nodes.nfv.Vdu.Compute{metadata}
      properties:
        name: unit
        description: A machine
        vdu_profile: {{ min_number_of_instances: {vms}, max_number_of_instances: {vms} }}
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu: {{ num_virtual_cpu: {vcpus} }}
            virtual_memory: {{ virtual_mem_size: {memory} MiB }}
      artifacts:
        disk:
          type: tosca.artifacts.nfv.SwImage
          file: ../Files/images/disk.img
          properties:
            name: disk
            version: '1.0'
            checksum: {{ algorithm: sha-256, hash: {image} }}
            container_format: bare
            disk_format: {format}
            min_disk: 1 GiB
            size: {size} B
{port}
  policies:
    - sizes:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          default_level: only
          levels:
            only: {{ description: All of them }}
    - units_at_sizes:
        type: tosca.policies.nfv.VduInstantiationLevels
        targets: [ unit ]
        properties:
          levels:
            only: {{ number_of_instances: {vms} }}
"""

TYPES = """tosca_definitions_version: tosca_simple_yaml_1_3
description: The VNFs of the service, seen from outside
imports:
  - etsi_nfv_sol001_vnfd_types.yaml
node_types:"""

TYPE = """
  windlass.bench.{name}:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      descriptor_id: {{ type: string, default: {vnfd} }}
      descriptor_version: {{ type: string, default: '1.0' }}
      provider: {{ type: string, default: Windlass }}
      product_name: {{ type: string, default: {name} }}
      software_version: {{ type: string, default: '1.0' }}
      vnfm_info: {{ type: list, entry_schema: {{ type: string }}, default: [ '0:windlass' ] }}
      flavour_id: {{ type: string, default: default }}
      flavour_description: {{ type: string, default: '' }}
    requirements:
      - service: {{ capability: tosca.capabilities.nfv.VirtualLinkable, occurrences: [ 0, 1 ] }}
"""

MEMBER = """
    {name}:
      type: windlass.bench.{name}
      properties:
        vnf_profile: {{ min_number_of_instances: 1, max_number_of_instances: 1 }}
      requirements:
        - service: service
"""

NSD = """tosca_definitions_version: tosca_simple_yaml_1_3
description: A service for a measurement
imports:
  - etsi_nfv_sol001_nsd_types.yaml
  - vnfs.yaml
topology_template:
  node_templates:
    service_itself:
      type: tosca.nodes.nfv.NS
      properties:
        descriptor_id: {nsd}
        invariant_id: {invariant}
        designer: Windlass
        name: {name}
        version: '1.0'
        flavour_id: default
    service:
      type: tosca.nodes.nfv.NsVirtualLink
      properties:
        description: Where all machines are
        connectivity_type: {{ layer_protocols: [ ipv4 ], flow_pattern: mesh }}
        vl_profile:
          max_bitrate_requirements: {{ root: 1000000000 }}
          min_bitrate_requirements: {{ root: 1000000 }}
          virtual_link_protocol_data:
            - associated_layer_protocol: ipv4
              l3_protocol_data:
                ip_version: ipv4
                cidr: 10.30.0.0/24
                ip_allocation_pools:
                  - start_ip_address: 10.30.0.10
                    end_ip_address: 10.30.0.250
{members}"""
