"""A package of containers: descriptors in three files, and 28 manifests with a digest each in TOSCA.meta.

That is the shape of the sample whose onboarding other orchestrators have published times for.
"""
import hashlib

from packages import archive, ident

MANIFESTS = 28
TYPE = "windlass.bench.Containers"
VDUS = {"vdu1": 1, "vdu2": 3, "vdu3": 3, "vdu5": 3, "vdu6": 1}
KINDS = ("ConfigMap", "Deployment", "Service", "Role", "RoleBinding", "ServiceAccount", "Job")


def package(name):
    """The package; its VNFD's id follows from the name."""
    vnfd = ident(name)
    files = {
        "Definitions/cnf_types.yaml": types(vnfd),
        "Definitions/cnf_df_simple.yaml": flavour(),
        "Definitions/cnf_top.vnfd.yaml": top(vnfd),
    }
    meta = "TOSCA-Meta-File-Version: 1.0\nCreated-by: Windlass\nCSAR-Version: 1.1\n" \
           "Entry-Definitions: Definitions/cnf_top.vnfd.yaml\n"
    for number in range(MANIFESTS):
        path, text = f"Files/kubernetes/object-{number}.yaml", kubernetes(number)
        files[path] = text
        digest = hashlib.sha256(text.encode()).hexdigest()
        meta += f"\nName: {path}\nContent-Type: test-data\nAlgorithm: SHA-256\nHash: {digest}\n"
    return archive({"TOSCA-Metadata/TOSCA.meta": meta} | files)


def kubernetes(number):
    kind = KINDS[number % len(KINDS)]
    data = "".join(f"  key-{line}: value {line} of object {number}\n" for line in range(20))
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: object-{number}\n  namespace: default\ndata:\n{data}"


HEAD = """tosca_definitions_version: tosca_simple_yaml_1_2
description: {what}
imports:
  - etsi_nfv_sol001_common_types.yaml
  - etsi_nfv_sol001_vnfd_types.yaml
"""


def types(vnfd):
    def fixed(name, value):
        return f"      {name}: {{ type: string, constraints: [ valid_values: [ '{value}' ] ], default: '{value}' }}\n"

    return (HEAD.format(what="VNF type definition") + f"node_types:\n  {TYPE}:\n"
            "    derived_from: tosca.nodes.nfv.VNF\n    properties:\n"
            + fixed("descriptor_id", vnfd) + fixed("descriptor_version", "1.0") + fixed("provider", "Windlass")
            + fixed("product_name", "containers") + fixed("software_version", "1.0")
            + "      vnfm_info: { type: list, entry_schema: { type: string }, default: [ windlass ] }\n"
              "      flavour_id: { type: string, constraints: [ valid_values: [ simple ] ], default: simple }\n"
              "      flavour_description: { type: string, default: '' }\n"
              "    requirements:\n"
              "      - virtual_link_external: { capability: tosca.capabilities.nfv.VirtualLinkable, occurrences: [ 0, 1 ] }\n")


def top(vnfd):
    return (HEAD.format(what="Containers for a measurement")
            + "  - cnf_types.yaml\n  - cnf_df_simple.yaml\n"
              "topology_template:\n"
              "  inputs:\n    selected_flavour: { type: string, description: The flavour that is chosen }\n"
              f"  node_templates:\n    VNF:\n      type: {TYPE}\n      properties:\n"
              "        flavour_id: { get_input: selected_flavour }\n"
              f"        descriptor_id: {vnfd}\n        provider: Windlass\n        product_name: containers\n"
              "        software_version: '1.0'\n        descriptor_version: '1.0'\n        vnfm_info: [ windlass ]\n")


def flavour():
    nodes = policies = ""
    aspects, largest = [], ""
    for vdu, most in VDUS.items():
        nodes += (f"    {vdu.upper()}:\n      type: tosca.nodes.nfv.Vdu.Compute\n      properties:\n"
                  f"        name: {vdu}\n        description: {vdu} compute node\n        vdu_profile:\n"
                  f"          min_number_of_instances: 1\n          max_number_of_instances: {most}\n")
        policies += (f"    - {vdu}_levels:\n        type: tosca.policies.nfv.VduInstantiationLevels\n"
                     f"        targets: [ {vdu.upper()} ]\n        properties:\n          levels:\n"
                     f"            smallest: {{ number_of_instances: 1 }}\n"
                     f"            largest: {{ number_of_instances: {most} }}\n")
        if most == 1:
            continue
        aspects.append(f"            {vdu}_aspect:\n              name: {vdu}_aspect\n"
                       f"              description: {vdu} scaling aspect\n              max_scale_level: {most - 1}\n"
                       "              step_deltas: [ delta_1 ]\n")
        largest += f"                {vdu}_aspect: {{ scale_level: {most - 1} }}\n"
        policies += (f"    - {vdu}_initial:\n        type: tosca.policies.nfv.VduInitialDelta\n"
                     f"        targets: [ {vdu.upper()} ]\n"
                     "        properties: { initial_delta: { number_of_instances: 1 } }\n"
                     f"    - {vdu}_deltas:\n        type: tosca.policies.nfv.VduScalingAspectDeltas\n"
                     f"        targets: [ {vdu.upper()} ]\n        properties:\n          aspect: {vdu}_aspect\n"
                     "          deltas: { delta_1: { number_of_instances: 1 } }\n")
    smallest = largest.replace(": 2 }", ": 0 }")
    return (HEAD.format(what="Simple deployment flavour") + "  - cnf_types.yaml\n"
            "topology_template:\n  inputs:\n    descriptor_id: { type: string }\n    provider: { type: string }\n"
            "    flavour_id: { type: string }\n"
            f"  substitution_mappings:\n    node_type: {TYPE}\n    properties: {{ flavour_id: simple }}\n"
            "    requirements:\n      virtual_link_external: []\n"
            f"  node_templates:\n    VNF:\n      type: {TYPE}\n"
            "      properties: { flavour_description: A simple flavour }\n" + nodes
            + "  policies:\n    - scaling_aspects:\n        type: tosca.policies.nfv.ScalingAspects\n"
              "        properties:\n          aspects:\n" + "".join(aspects) + policies
            + "    - sizes:\n        type: tosca.policies.nfv.InstantiationLevels\n        properties:\n"
              "          default_level: smallest\n          levels:\n"
              "            smallest:\n              description: Smallest size\n              scale_info:\n" + smallest
            + "            largest:\n              description: Largest size\n              scale_info:\n" + largest)
