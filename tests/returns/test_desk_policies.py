"""Policies on the desk: drafted in a form or as YAML, compared, tried, published, brought back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone

from accounts.actions import run_jobs
from returns.forms.policy import Sheet
from returns.forms.policy_text import write_yaml
from returns.models import ReturnPolicy
from returns.policy.document import HOUSE_POLICY, canonical
from tests import builders
from tests.builders import Api
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
SALE = {"name": "Sale", "when": {"tags_any": ["sale"]}, "then": {"decision": "decline", "message": "Not this one."}}
TEXAS = {"name": "A", "line1": "1 Main St", "city": "Austin", "postal_code": "73301", "country": "US", "region": "TX",
         "time_zone": "America/Chicago"}  # fmt: skip
FULL = [
    SALE,
    {"name": "Winter", "when": {"ordered_between": "11-01..12-24"}, "then": {"return_until": "2027-01-31"}},
    {"name": "Cheap", "when": {"max_price": {"EUR": "10.00", "PLN": "45.00"}}, "then": {"methods": ["keep"]}},
    {"name": "Big", "when": {"categories": ["a b", "c"], "countries": ["PL", "NO"]},
     "then": {"fee": {"fixed": "1.00", "percent": 15}, "required_photos": 2, "window_days": None,
              "auto_reimburse": False,
              "message": {"en": "Yes, really: no", "pl": "Nie"}, "fee_waived_for": ["defective"], "questions": []}},
]  # fmt: skip


@pytest.fixture
def desk(staff: Any) -> Client:
    """A manager at the desk."""
    return staff("manager")


def press(desk: Client, url: str, **fields: Any) -> Any:
    """Post a form of a page with the number that the page gave it."""
    number = re.search(r'name="submit" value="(\w+)"', desk.get(fields.pop("page", url)).content.decode())
    assert number is not None
    return desk.post(url, {"submit": number[1], **fields})


def draft(desk: Client) -> ReturnPolicy:
    """A draft made by the button of the version in force."""
    live = ReturnPolicy.objects.get(state="published", shop__code="main")
    made = press(desk, f"/desk/policy/{live.uid}/draft/", page="/desk/policy/")
    row = ReturnPolicy.objects.get(state="draft")
    assert made.url == f"/desk/policy/{row.uid}/edit/"
    return row


def edited(desk: Client, row: ReturnPolicy, do: str, **fields: Any) -> Any:
    """One press of a button of the editor."""
    return press(desk, f"/desk/policy/{row.uid}/edit/", do=do, **fields)


def form_of(document: dict[str, Any]) -> dict[str, str]:
    """What a browser would send of the editor's form."""
    sheet = Sheet.of(canonical(document))
    fields = {"name": sheet.name, "days": sheet.days, "from": sheet.counted_from, "rules": str(len(sheet.rules))}
    groups = {"d": sheet.defaults}
    for n, rule in enumerate(sheet.rules):
        fields[f"r{n}-name"] = rule.name
        groups |= {f"r{n}w": rule.when, f"r{n}t": rule.then}
    for prefix, rows in groups.items():
        fields[prefix] = str(len(rows))
        for n, row in enumerate(rows):
            fields |= {f"{prefix}{n}-key": row.key, f"{prefix}{n}-text": row.text}
    return fields


@pytest.mark.parametrize("rules", [[], FULL])
def test_the_form_says_exactly_what_the_document_says(rules: list[dict[str, Any]]) -> None:
    document = canonical({**HOUSE_POLICY, "rules": rules})
    assert canonical(Sheet.of(document).document()) == document
    assert canonical(yaml.safe_load(write_yaml(document))) == document


def test_a_change_in_the_form_is_saved_and_published(desk: Client, api: Api) -> None:
    row = draft(desk)
    document = {**HOUSE_POLICY, "rules": FULL, "window": {"days": 45, "from": "delivered"}}
    saved = edited(desk, row, "save", **form_of(document))
    assert saved.url == f"/desk/policy/{row.uid}/"
    row.refresh_from_db()
    assert row.document == canonical(document)
    page = desk.get(saved.url).content.decode()
    assert "Not this one." in page
    assert "45" in page
    published = press(desk, f"/desk/policy/{row.uid}/publish/", page=saved.url)
    assert published.url == saved.url
    assert [each["version"] for each in api.get("/policies").ok()["results"] if each["status"] == "published"] == [
        row.version
    ]


def test_yaml_is_saved(desk: Client) -> None:
    row = draft(desk)
    text = write_yaml({**HOUSE_POLICY, "rules": [SALE]}).replace("\n", "\r\n")
    assert edited(desk, row, "save-yaml", yaml=text).status_code == 302
    row.refresh_from_db()
    assert row.document["rules"] == canonical({"rules": [SALE]})["rules"]


def test_each_side_is_shown_from_the_other_and_nothing_is_saved(desk: Client) -> None:
    row = draft(desk)
    with unchanged():
        shown = edited(desk, row, "preview", **form_of({**HOUSE_POLICY, "rules": [SALE]}))
        as_form = edited(desk, row, "preview-yaml", yaml=write_yaml({**HOUSE_POLICY, "rules": [SALE]}))
    assert "- name: Sale" in shown.content.decode()
    assert 'value="Sale"' in as_form.content.decode()
    assert "not saved yet" in as_form.content.decode()


@pytest.mark.parametrize(
    ("do", "names"),
    [
        ("add", ["Sale", "Winter", ""]),
        ("remove-0", ["Winter"]),
        ("down-0", ["Winter", "Sale"]),
        ("up-1", ["Winter", "Sale"]),
        ("up-0", ["Sale", "Winter"]),
        ("remove-9", ["Sale", "Winter"]),
    ],
)
def test_rules_are_added_removed_and_moved_without_script(desk: Client, do: str, names: list[str]) -> None:
    row = draft(desk)
    page = edited(desk, row, do, **form_of({**HOUSE_POLICY, "rules": FULL[:2]}))
    assert page.status_code == 200
    assert re.findall(r'name="r\d+-name" maxlength="120" value="([^"]*)"', page.content.decode()) == names
    row.refresh_from_db()
    assert row.document["rules"] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: [", "Line 1 is not YAML"),
        ("a: &x [1]\nb: *x", "anchors"),
        ("- just\n- a list", "Write keys and values"),
        ("name: X\nwat: 1", "wat is not known here"),
        ("name: X\nrules:\n- name: a\n  then: {window_days: many}", "/rules/0/then/window_days"),
        ("name: X\nshop: other", "stays with its shop"),
        ("x" * 200_001, "longer than a policy may be"),
        ("name: !!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)
def test_yaml_that_cannot_be_used_is_kept_as_typed(desk: Client, text: str, says: str) -> None:
    row = draft(desk)
    with unchanged():
        page = edited(desk, row, "save-yaml", yaml=text)
    assert page.status_code == 422
    assert says in page.content.decode()
    if "shop" not in text:
        assert text.splitlines()[0][:40].replace("&", "&amp;") in page.content.decode()


def test_a_form_that_cannot_be_used_keeps_what_was_typed(desk: Client) -> None:
    row = draft(desk)
    fields = form_of({**HOUSE_POLICY, "rules": [SALE]}) | {"r0t0-text": "perhaps", "days": "soon"}
    with unchanged():
        page = edited(desk, row, "save", **fields)
    assert page.status_code == 422
    assert 'value="perhaps"' in page.content.decode()
    assert "/rules/0/then/decision" in page.content.decode()


def test_an_earlier_version_is_brought_back_as_a_new_one(desk: Client, api: Api) -> None:
    before = ReturnPolicy.objects.get(state="published", shop__code="main")
    builders.publish(api, rules=[SALE])
    before.refresh_from_db()
    press(desk, f"/desk/policy/{before.uid}/restore/", page=f"/desk/policy/{before.uid}/")
    live = ReturnPolicy.objects.get(state="published", shop__code="main")
    assert live.version == before.version + 2
    assert live.document == canonical(before.document)


def test_what_was_published_cannot_be_edited(desk: Client) -> None:
    live = ReturnPolicy.objects.get(state="published", shop__code="main")
    with unchanged():
        assert desk.get(f"/desk/policy/{live.uid}/edit/").url == f"/desk/policy/{live.uid}/"
        again = press(desk, f"/desk/policy/{live.uid}/publish/", page="/desk/policy/")
    assert again.status_code == 409
    assert "Only a draft can be published" in again.content.decode()


def test_a_version_is_tried_on_an_order(desk: Client, api: Api) -> None:
    order = builders.place(api, ship_to=TEXAS)
    protected = builders.place(api)
    row = draft(desk)
    edited(desk, row, "save", **form_of({**HOUSE_POLICY, "rules": [{**SALE, "when": {"skus": ["TEE-M"]}}]}))
    with unchanged():
        page = desk.get(f"/desk/policy/{row.uid}/", {"order": order["number"], "reason": "style"}).content.decode()
        lifted = desk.get(f"/desk/policy/{row.uid}/", {"order": protected["number"], "reason": "style"})
        none = desk.get(f"/desk/policy/{row.uid}/", {"order": "nothing"}).content.decode()
    assert "Declined by the rule “Sale”." in page
    assert "Declined by the rule" not in lifted.content.decode()  # the law gives this one back
    assert "No order of this shop fits “nothing”." in none


def test_it_is_tried_on_some_lines_on_another_day(desk: Client, api: Api) -> None:
    lines = [builders.line("A", quantity=1, title="Tee"), builders.line("B", quantity=1, title="Cap")]
    order = builders.place(api, *lines, ship_to=TEXAS)
    page = f"/desk/policy/{draft(desk).uid}/"
    asked = {"order": order["number"], "reason": "style"}
    later = str((timezone.now() + timedelta(days=90)).date())
    with unchanged():
        both = desk.get(page, asked).context["tried"]
        one = desk.get(page, {**asked, "line": "B", "on": later})
        nonsense = desk.get(page, {**asked, "on": "2026-02-30"}).content.decode()
        far = desk.get(page, {**asked, "on": "0001-01-01"}).content.decode()
    assert [(each["title"], each["outcome"]) for each in both] == [("Tee", "authorized"), ("Cap", "authorized")]
    assert [(each["title"], each.get("outcome")) for each in one.context["tried"]] == [
        ("Tee", None),
        ("Cap", "declined"),
    ]
    assert "Window over" in one.content.decode()
    assert [text.count("Choose a reason, a wish and a day") for text in (nonsense, far)] == [1, 1]


def test_an_order_is_found_by_what_an_agent_knows_of_it(desk: Client, api: Api) -> None:
    orders = [builders.place(api), builders.place(api)]
    page = f"/desk/policy/{draft(desk).uid}/"
    shown = desk.get(page, {"order": orders[0]["customer"]["email"][:5]})
    assert {each.number for each in shown.context["candidates"]} == {each["number"] for each in orders}
    assert "Which of them?" in shown.content.decode()


def test_what_lies_below_the_law_is_marked(desk: Client) -> None:
    row = draft(desk)
    page = f"/desk/policy/{row.uid}/"
    assert "Nothing in it lies below the laws known here." in desk.get(page).content.decode()
    short = {"name": "Short", "when": {"categories": ["electronics"]}, "then": {"window_days": 3}}
    edited(desk, row, "save", **form_of({**HOUSE_POLICY, "rules": [short]}))
    shown = desk.get(page).content.decode()
    assert "below the law" in shown
    assert "<bdi>Short</bdi></strong>: Days to return: <bdi>3 days</bdi>" in shown
    assert "by law: 14 days" in shown
    assert (
        "a change of mind, bought at a distance: Germany, Israel, Poland, United Kingdom, other EU countries" in shown
    )


def test_a_backtest_is_asked_for_watched_and_read(desk: Client, api: Api) -> None:
    builders.publish(api)
    builders.ask(api, builders.place(api), ("A", 1))
    row = draft(desk)
    page = f"/desk/policy/{row.uid}/"
    today = timezone.now().date()
    period = {"from": str(today - timedelta(days=1)), "to": str(today)}
    assert press(desk, f"{page}backtest/", page=page, **period).url == page
    assert "0 of 1 returns looked at" in desk.get(page).content.decode()
    run_jobs()
    shown = desk.get(page).content.decode()
    assert "1 return, " in shown
    assert "Which rule would have decided" in shown
    with unchanged():
        wrong = press(desk, f"{page}backtest/", page=page, **{"from": "", "to": "x"})
    assert (wrong.status_code, "Choose both days." in wrong.content.decode()) == (422, True)


def test_agents_read_and_do_not_write(staff: Any) -> None:
    agent = staff("agent")
    live = ReturnPolicy.objects.get(state="published", shop__code="main")
    assert agent.get("/desk/policy/").status_code == 200
    page = agent.get(f"/desk/policy/{live.uid}/")
    assert "Draft a change" not in page.content.decode()
    for verb in ("draft", "publish", "restore", "backtest", "edit"):
        assert agent.post(f"/desk/policy/{live.uid}/{verb}/").status_code == 403


BY_PARTS: list[tuple[str, dict[str, str], Any]] = [
    ("fee", {"fixed": "EUR 1.50, PLN 6.00", "percent": "15", "keep_shipping": "on"},
     {"fixed": {"EUR": "1.50", "PLN": "6.00"}, "percent": 15, "keep_shipping": True}),
    ("fee", {"fixed": "", "percent": "7.5"}, {"fixed": "0", "percent": "7.5", "keep_shipping": False}),
    ("fee", {"fixed": "", "percent": ""}, None),
    ("label_fee", {"text": "EUR 3.90"}, {"gross": {"EUR": "3.90"}}),
    ("message", {"en": "Yes: no", "he": "", "pl": "Nie"}, {"en": "Yes: no", "pl": "Nie"}),
    ("deduction_by_grade", {"A": "", "B": "15", "C": "35", "D": "100"}, {"B": 15, "C": 35, "D": 100}),
    ("return_postage_cap", {"text": "12.50"}, "12.50"),
    ("questions", {"text": "was_opened, own"}, ["was_opened", "own"]),
    ("window_days", {"text": ""}, None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "boxes", "value"), BY_PARTS)
def test_what_is_typed_into_the_boxes_of_an_effect(desk: Client, key: str, boxes: dict[str, str], value: Any) -> None:
    row = draft(desk)
    fields = form_of({**HOUSE_POLICY, "rules": [{"name": "R", "then": {"decision": "review"}}]})
    more = {"r0t": "2", "r0t1-key": key, **{f"r0t1-{part}": text for part, text in boxes.items()}}
    assert edited(desk, row, "save", **fields | more).status_code == 302
    row.refresh_from_db()
    assert row.document["rules"][0]["then"][key] == value
    assert canonical(Sheet.of(row.document).document()) == row.document


@pytest.mark.parametrize(
    ("ends", "value"),
    [(("11-01", "12-24"), "11-01..12-24"), (("2026-11-01", "2026-12-24"), ["2026-11-01", "2026-12-24"])],
)
def test_days_of_a_condition_are_typed_into_two_boxes(desk: Client, ends: tuple[str, str], value: Any) -> None:
    row = draft(desk)
    fields = form_of({**HOUSE_POLICY, "rules": [{"name": "R", "then": {"decision": "review"}}]})
    more = {"r0w": "1", "r0w0-key": "ordered_between", "r0w0-first": ends[0], "r0w0-last": ends[1]}
    assert edited(desk, row, "save", **fields | more).status_code == 302
    row.refresh_from_db()
    assert row.document["rules"][0]["when"] == {"ordered_between": value}


def test_a_list_keeps_the_order_it_was_chosen_in(desk: Client) -> None:
    row = draft(desk)
    fields = form_of(HOUSE_POLICY | {"defaults": {"methods": ["qr", "label"]}})
    page = edited(desk, row, "preview", **fields).content.decode()
    place = [page.index(f'value="{code}" checked') for code in ("qr", "label")]
    assert place == sorted(place)
    assert page.index('value="pickup">') > place[1]


def test_a_condition_is_added_filled_in_and_taken_out(desk: Client) -> None:
    row = draft(desk)
    fields = form_of({**HOUSE_POLICY, "rules": [SALE]})
    added = edited(desk, row, "row", **fields, **{"new-r0w": "reasons"}).content.decode()
    assert 'name="r0w1-key" value="reasons"' in added
    assert re.search(r'id="r0w1-change_of_mind" name="r0w1-text" value="change_of_mind" autofocus', added)
    assert '<option value="reasons">' not in added.split('id="new-r0w"')[1].split("</select>")[0]
    dropped = edited(desk, row, "drop-r0w0", **fields).content.decode()
    assert "Always: no condition." in dropped
    unfilled = edited(desk, row, "save", **fields, **{"new-r0w": "reasons"})
    assert unfilled.status_code == 422
    assert "/rules/0/when/reasons" in unfilled.content.decode()


def test_what_is_wrong_stands_at_its_field(desk: Client) -> None:
    row = draft(desk)
    fields = form_of({**HOUSE_POLICY, "rules": [SALE]})
    more = {"r0t": "3", "r0t2-key": "fee", "r0t2-fixed": "", "r0t2-percent": "250", "r0t2-keep_shipping": "on"}
    with unchanged():
        page = edited(desk, row, "save", **fields | more | {"days": "soon"})
        twice = edited(desk, row, "save", **fields | more | {"r0t2-key": "decision", "r0t2-text": "review"})
    text = page.content.decode()
    assert page.status_code == 422
    assert '<a href="#r0t2"><bdi class="cb-code" dir="ltr">/rules/0/then/fee/percent</bdi></a>' in text
    assert re.search(r'id="r0t2-fixed"[^>]*aria-invalid="true" aria-describedby="r0t2-error r0t2-hint"', text)
    assert 'id="r0t2-percent" name="r0t2-percent" value="250"' in text
    assert re.search(r'id="days"[^>]*value="soon"[^>]*aria-invalid="true"', text)
    assert "“Decision” is here twice." in twice.content.decode()


def test_what_is_wrong_in_the_yaml_is_named_by_its_line(desk: Client) -> None:
    row = draft(desk)
    text = "name: X\nrules:\n- name: a\n  then:\n    decision: review\n- name: b\n  then:\n    window_days: many\n"
    page = edited(desk, row, "save-yaml", yaml=text).content.decode()
    assert 'data-line="8">Line 8</a>: <bdi class="cb-code" dir="ltr">/rules/1/then/window_days</bdi>' in page


def digests(page: Any) -> dict[str, str]:
    """The names of both sides as the editor showed them."""
    text = page.content.decode()
    return {name: re.search(rf'name="{name}" value="(\w*)"', text)[1] for name in ("yaml-was", "form-was")}  # type: ignore[index]


@pytest.mark.parametrize(
    ("do", "change", "says"),
    [
        ("save", {"yaml": "name: Other\n"}, "The YAML was changed, too."),
        ("save-yaml", {"days": "77"}, "The form was changed, too."),
    ],
)
def test_what_was_typed_on_the_other_side_is_not_dropped_unsaid(
    desk: Client, do: str, change: dict[str, str], says: str
) -> None:
    row = draft(desk)
    shown = desk.get(f"/desk/policy/{row.uid}/edit/")
    sides = form_of(row.document) | {"yaml": write_yaml(row.document)}
    with unchanged():
        warned = edited(desk, row, do, **sides | digests(shown) | change)
    assert (warned.status_code, says in warned.content.decode()) == (422, True)
    assert next(iter(change.values())).strip() in warned.content.decode()
    assert edited(desk, row, do, **sides | digests(warned) | change).status_code == 302
    assert edited(desk, row, do, **sides | digests(shown)).status_code == 302


def test_yaml_that_was_typed_survives_a_button_of_the_form(desk: Client) -> None:
    row = draft(desk)
    shown = desk.get(f"/desk/policy/{row.uid}/edit/")
    sides = form_of(row.document) | {"yaml": "name: Half typed\n"} | digests(shown)
    for do, more in (("row", {"new-d": "required_photos"}), ("drop-d0", {})):  # unfinished, and whole
        page = edited(desk, row, do, **sides, **more)
        assert "name: Half typed" in page.content.decode()
        assert digests(page) == digests(shown)
