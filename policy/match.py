"""Reads `spec.match`: the kinds of resource, and their labels, that a policy concerns."""

from policy.labels import is_label_key, is_label_value
from policy.reader import Reader, listed
from policy.spec import LabelSelector, MatchRule, SelectorExpression

# The plural names that policy-controller's webhook is registered for.
RESOURCES = (
    "replicasets",
    "deployments",
    "pods",
    "cronjobs",
    "jobs",
    "statefulsets",
    "daemonsets",
)

_RULE = ("group", "version", "resource", "selector")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def read_match(spec: Reader) -> tuple[MatchRule, ...]:
    """Read the member `match` of a spec."""
    return tuple(_read_rule(reader) for reader in spec.sections("match", _RULE))


def _read_rule(reader: Reader) -> MatchRule:
    group, version, resource = (reader.text(name) for name in _RULE[:3])
    if resource and resource not in RESOURCES:
        reader.error(
            "resource", f"`{resource[:80]}` is not supported: use one of {listed(RESOURCES)}"
        )
    selector = _read_selector(reader)
    if selector is not None and not (group or version or resource):
        reader.error("selector", "a selector needs one of `resource`, `version` and `group`")
    elif not (version and resource):
        # Fields are compared for equality, and no resource has an empty version or name.
        reader.warn(
            "resource" if version else "version",
            "this rule matches nothing: it needs both `version` and `resource`",
        )
    if group == "*":
        reader.warn("group", "this rule matches nothing: only `version` may be `*`")
    return MatchRule(group, version, resource, selector)


def _read_selector(rule: Reader) -> LabelSelector | None:
    reader = rule.section("selector", ("matchLabels", "matchExpressions"))
    if reader is None:
        return None
    labels = reader.pairs("matchLabels")
    for key, value in labels.items():
        _check_label(reader, "matchLabels", key, (value,))
    expressions = reader.sections("matchExpressions", ("key", "operator", "values"))
    return LabelSelector(
        tuple(sorted(labels.items())), tuple(_read_expression(one) for one in expressions)
    )


def _read_expression(reader: Reader) -> SelectorExpression:
    key, operator, values = reader.text("key"), reader.text("operator"), reader.texts("values")
    if not key:
        reader.missing("key", "a condition names the label it looks at")
    else:
        _check_label(reader, "key", key, ())
    if not operator:
        reader.missing("operator", f"use one of {listed(_OPERATORS)}")
    elif operator not in _OPERATORS:
        reader.error("operator", f"`{operator[:80]}` is not one of {listed(_OPERATORS)}")
    elif (operator in ("In", "NotIn")) != bool(values):
        needs = "needs values" if operator in ("In", "NotIn") else "takes no values"
        reader.error("values", f"the operator `{operator}` {needs}")
    _check_label(reader, "values", "", values)
    return SelectorExpression(key, operator, values)


def _check_label(reader: Reader, name: str, key: str, values: tuple[str, ...]) -> None:
    if key and not is_label_key(key):
        reader.error(name, f"`{key[:80]}` cannot be the name of a label")
    for value in values:
        if not is_label_value(value):
            reader.error(name, f"`{value[:80]}` cannot be the value of a label")
