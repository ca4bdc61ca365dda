"""The small readers under a policy document: URLs, words of YAML, and what a server adds."""

import pytest

from policy import Mode, PolicyDocumentError, parse_policy
from policy.scalars import ScalarError, Value, resolve
from policy.urls import Url, UrlError, parse_url

DOCUMENT = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {{name: sample, {metadata}}}
spec: {{mode: warn, images: [{{glob: '**'}}], authorities: [{{static: {{action: pass}}}}]}}
"""


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", Url("", "")),
        ("a/b?c#d", Url("", "")),
        ("HTTPS://Example.com:8080/a%20b", Url("https", "Example.com:8080")),
        ("https://me:pw@example.com", Url("https", "example.com")),
        ("https://[::1]:8080/", Url("https", "[::1]:8080")),
        ("https://[fe80::1%25en0]", Url("https", "[fe80::1%en0]")),
        ("//ex%C3%A9mple.com", Url("", "exémple.com")),
        ("mailto:a%zz", Url("mailto", "")),
        ("*", Url("", "")),
    ],
)
def test_a_url_has_its_scheme_and_host(text: str, url: Url) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a%zz", "a % that two"),
        ("https://a/%zz", "a % that two"),
        ("https://a#%zz", "a % that two"),
        ("a\x01", "control character"),
        ("://a", "scheme before `:` is missing"),
        ("1a:b", "its first part holds a `:`"),
        ("https://m|e@a", "its user part"),
        ("https://a[b]", "not at the start"),
        ("https://[::1", "lacks the closing"),
        ("https://[::1]:x", "port 'x' is not a number"),
        ("https://[a]", "not an IPv6 address"),
        ("https://a:x", "port 'x' is not a number"),
        ("https://a b", "its host holds characters"),
    ],
)
def test_what_is_no_url_says_why(text: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason.replace("[", r"\[")):
        parse_url(text)


def test_an_absolute_url_starts_with_a_scheme_or_a_slash() -> None:
    assert parse_url("urn:x", absolute=True) == Url("urn", "")
    assert parse_url("*", absolute=True) == Url("", "")
    for text in ("", "a/b", "*?"):
        with pytest.raises(UrlError, match="starts with neither"):
            parse_url(text, absolute=True)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("yes", None, True),
        ("017", None, 15),
        ("1:30", None, "1:30"),
        ("yes", "str", "yes"),
        ("yes", "bool", True),
        ("~", "null", None),
        ("3", "int", 3),
        ("3", "float", 3.0),
        ("1.5", "float", 1.5),
        ("c2FtcGxl", "binary", "sample"),
        ("2022-11-03", "timestamp", "2022-11-03"),
    ],
)
def test_a_word_has_the_value_that_kubernetes_gives_it(
    text: str, tag: str | None, value: Value
) -> None:
    assert resolve(text, tag and f"tag:yaml.org,2002:{tag}", plain=True) == value


@pytest.mark.parametrize(
    ("text", "tag"),
    [("1.5", "int"), ("yes", "int"), ("~", "bool"), ("x", "float"), ("!", "binary"), ("3", "null")],
)
def test_a_tag_that_does_not_fit_is_an_error(text: str, tag: str) -> None:
    with pytest.raises(ScalarError):
        resolve(text, f"tag:yaml.org,2002:{tag}", plain=True)


def test_what_a_server_adds_is_taken() -> None:
    owner = "{apiVersion: v1, kind: A, name: a, uid: b, controller: true}"
    document = parse_policy(
        DOCUMENT.format(metadata=f"ownerReferences: [{owner}], finalizers: [a], generation: 2.0")
    )

    assert document.mode is Mode.WARN


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ("ownerReferences: [{controller: a}]", "metadata.ownerReferences[0].controller"),
        ("labels: [a]", "metadata.labels"),
        ("finalizers: a", "metadata.finalizers"),
        ("creationTimestamp: 2022-11-03T25:00:00Z", "metadata.creationTimestamp"),
        ("creationTimestamp: 2022-11-03", "metadata.creationTimestamp"),
        ("generation: 1.5", "metadata.generation"),
        ("labels: {? !!merge a : b}", "metadata.labels"),
    ],
)
def test_what_a_server_would_not_add_is_refused(metadata: str, field: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_policy(DOCUMENT.format(metadata=metadata))

    assert {one.field for one in caught.value.problems} <= {field, ""}
