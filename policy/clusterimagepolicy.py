"""Reads a ClusterImagePolicy: its name, and its `spec` with defaults filled in."""

from policy.attached import read_policy
from policy.authorities import read_authorities
from policy.images import GlobError, compile_glob
from policy.match import read_match
from policy.metadata import check_status, read_metadata
from policy.reader import Reader
from policy.spec import Mode, PolicySpec

GROUP = "policy.sigstore.dev"
API_VERSIONS = (f"{GROUP}/v1alpha1", f"{GROUP}/v1beta1")
KIND = "ClusterImagePolicy"
MEMBERS = ("apiVersion", "kind", "metadata", "spec", "status")

_SPEC = ("images", "authorities", "policy", "mode", "match")
_MODES = tuple(Mode)


def read_cluster_image_policy(
    reader: Reader, *, require_identities: bool
) -> tuple[str, PolicySpec]:
    """Read the name and the spec; what is wrong with them goes to the reader's report."""
    name, _ = read_metadata(reader)
    check_status(reader)
    spec = reader.section("spec", _SPEC)
    if spec is None:
        for member in ("images", "authorities"):
            message = f"`spec.{member}` is missing"
            reader.report.error(message, f"spec.{member}", reader.place)
        return name, PolicySpec((), (), None, Mode.ENFORCE, ())
    return name, PolicySpec(
        images=_read_images(spec),
        authorities=read_authorities(spec, require_identities=require_identities),
        policy=read_policy(spec, of_spec=True),
        mode=_read_mode(spec),
        match=read_match(spec),
    )


def _read_images(spec: Reader) -> tuple[str, ...]:
    readers = spec.sections("images", ("glob",))
    spec.missing("images", "name the images that the policy covers, each as a `glob`")
    for reader in readers:
        reader.missing("glob", "a pattern of image names, such as `ghcr.io/example/**`")
        glob = reader.text("glob")
        try:
            if glob:
                compile_glob(glob)
        except GlobError as error:
            reader.error("glob", f"`{glob[:80]}` is not a glob: {error}")
    return tuple(reader.text("glob") for reader in readers)


def _read_mode(spec: Reader) -> Mode:
    mode = spec.text("mode")
    if mode in _MODES:
        return Mode(mode)
    if mode:
        spec.error("mode", f"`{mode[:80]}` is not a mode: use `enforce` or `warn`")
    return Mode.ENFORCE
