"""From a model to the one that a file describes, by the edits that callers of the API have, with their refusals.

What goes makes room first, then names change, then new things come, at last what depends on all of them: the fields
that records are known by, what is set aside, indexes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import cast
from uuid import UUID

from rapport.base.errors import RapportError
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.evolution.collisions import ApiNames
from rapport.metadata.evolution.custom_indexes import create_index
from rapport.metadata.evolution.editing import find_object, other_side, with_object, with_search, without_fields
from rapport.metadata.evolution.fields import create_field, update_field
from rapport.metadata.evolution.naming import field_issues
from rapport.metadata.evolution.objects import create_object, delete_object, update_object
from rapport.metadata.evolution.problems import InvalidModel, Issue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.model_file.claims import ambiguous, claims
from rapport.metadata.model_file.describing import Baseline, describe_field, describe_object, has_name_field
from rapport.metadata.model_file.errors import Fault, InvalidModelFile
from rapport.metadata.model_file.forms import FieldForm, IndexForm, ModelForm, ObjectForm
from rapport.metadata.model_file.inputs import index_input, join_group, options_input, with_on_delete

_OBJECT_INPUT: Mapping[str, str] = {
    "plural": "namePlural",
    "label": "labelSingular",
    "labelPlural": "labelPlural",
    "description": "description",
    "icon": "icon",
    "shortcut": "shortcut",
    "active": "isActive",
    "labelSynced": "isLabelSyncedWithName",
}
_FIELD_INPUT: Mapping[str, str] = {
    "label": "label",
    "description": "description",
    "icon": "icon",
    "active": "isActive",
    "labelSynced": "isLabelSyncedWithName",
    "nullable": "isNullable",
    "unique": "isUnique",
    "default": "defaultValue",
    "options": "options",
    "settings": "settings",
}
_DEFINING = ("nullable", "unique", "default", "options", "settings")


def apply_form(form: ModelForm, catalog: Catalog, *, taken: ApiNames | None = None) -> Catalog:
    """The model that the file describes; the same object where that is the one there is. Raises InvalidModelFile.

    ``taken``: the names of what the API has beside objects.
    """
    after = _Applying(form, catalog, taken).result()
    return catalog if after == catalog else after


class _Applying:
    def __init__(self, form: ModelForm, before: Catalog, taken: ApiNames | None) -> None:
        self._form = form
        self._before = before
        self._catalog = before
        self._taken = taken
        self._objects: dict[str, UUID] = {}  # ids by the names of the file
        self._fields: dict[tuple[str, str], UUID] = {}  # likewise, by object and field

    def result(self) -> Catalog:
        self._claim_objects()
        self._claim_fields()
        self._drop_fields()
        self._drop_objects()
        self._update_objects()
        self._create_objects()
        self._claim_standard_fields()
        self._update_fields()
        self._create_fields()
        self._update_fields()
        self._identify()
        self._update_fields(deactivate=True)
        self._index()
        self._order()
        return self._catalog

    # -- what the names of the file mean ----------------------------------------------------------------------------

    def _claim_objects(self) -> None:
        there = {item.name: item for item in self._before.objects}
        wanted = {name: form.was for name, form in self._form.objects.items()}
        self._refuse_ambiguous(ambiguous(wanted, there), self._form.objects)
        for name, present in claims(wanted, there).items():
            form, item = self._form.objects[name], there[present]
            if name != present and not item.is_custom:
                self._fault(form, f"{present} is a standard object, which cannot be renamed")
            named = form.given.get("nameField", has_name_field(item))
            if item.is_custom and named != has_name_field(item):
                self._fault(form, "nameField of an object that there is cannot change")
            self._objects[name] = item.id
        for name, form in self._form.objects.items():
            for key in ("plural", "label", "labelPlural"):
                if name not in self._objects and key not in form.given:
                    self._fault(form, f"there is no object {name} in the workspace, and a new one needs {key}")

    def _claim_fields(self) -> None:
        for name, form in self._form.objects.items():
            item = self._object(name)
            there = {each.name: each for each in item.fields} if item else {}
            wanted = {each.name: each.was for each in form.fields.values()}
            self._refuse_ambiguous(ambiguous(wanted, there), form.fields)
            for field_name, present in claims(wanted, there).items():
                if there[present].is_custom:
                    self._fields[name, field_name] = there[present].id
                elif field_name != present:
                    self._fault(form.fields[field_name], f"{present} is a standard field, which cannot be renamed")
        # Relations are what they lead to; so they are told apart when all names are clear.
        for name, form in self._form.objects.items():
            for each in form.fields.values():
                found = self._field(name, each.name)
                if found is not None and not self._is_same(each, found):
                    self._forget(name, each.name)

    def _claim_standard_fields(self) -> None:
        """Those that objects came with, under the names that they have once all objects have theirs."""
        for name, form in self._form.objects.items():
            item = self._object(name)
            there = {each.name: each for each in item.fields if not each.is_custom} if item else {}
            for each in form.fields.values():
                if (name, each.name) in self._fields:
                    continue
                found = there.get(each.name)
                if found is None:
                    for key in ("type", "label"):
                        if key not in each.given:
                            self._fault(each, f"there is no such field in the workspace, and a new one needs {key}")
                    continue
                described = describe_field(found)
                for key in ("type", "relation", "to", "group"):
                    if key in each.given and each.given[key] != described.get(key):
                        self._fault(each, f"the {key} of a standard field cannot change")
                self._fields[name, each.name] = found.id

    def _is_same(self, form: FieldForm, item: Field) -> bool:
        """Whether the field can become the one of the file; else it goes, and another comes."""
        if form.given.get("type", item.type.name) != item.type.name:
            return False
        if item.relation is None:
            return True
        owner, other = other_side(self._before, item)
        return (
            form.text("relation") == item.relation.kind
            and (form.text("group") is None) == (item.relation.morph_group is None)
            and self._objects.get(form.target[0]) == owner.id
            and self._fields.get(form.target) == other.id
        )

    def _forget(self, owner: str, name: str) -> None:
        """Both sides of a relation are new, if one is."""
        self._fields.pop((owner, name), None)
        form = self._form.objects[owner].fields[name]
        if form.is_relation and self._fields.pop(form.target, None) is not None:
            self._forget(*form.target)

    def _refuse_ambiguous(
        self, found: Mapping[str, str], forms: Mapping[str, ObjectForm] | Mapping[str, FieldForm]
    ) -> None:
        for name, was in found.items():
            self._fault(
                forms[name], f"it is not clear what becomes of {was}: {name} is there too, or {was} has become two"
            )

    # -- what goes --------------------------------------------------------------------------------------------------

    def _drop_fields(self) -> None:
        kept, known = set(self._fields.values()), set(self._objects.values())
        gone: set[UUID] = set()
        for item in self._before.objects:
            for each in item.fields:
                if not each.is_custom or each.id in kept:
                    continue
                if item.id in known or not item.is_custom:
                    gone.add(each.id)
                    if each.relation is not None:
                        gone.add(other_side(self._before, each)[1].id)
        for item in self._before.objects:
            names = {each.name for each in item.fields if each.id in gone}
            if item.is_custom and names & {item.label_field, item.image_field}:
                # For the time being: what identifies the records is said once all fields are there.
                label = "id" if item.label_field in names else item.label_field
                image = None if item.image_field in names else item.image_field
                self._catalog = with_object(
                    self._catalog, with_search(replace(item, label_field=label, image_field=image))
                )
        if gone:
            self._catalog = without_fields(self._catalog, gone)

    def _drop_objects(self) -> None:
        kept = set(self._objects.values())
        for item in self._before.objects:
            if item.is_custom and item.id not in kept:
                self._catalog = delete_object(self._catalog, item.id)

    # -- objects ----------------------------------------------------------------------------------------------------

    def _update_objects(self) -> None:
        """A name that is in use becomes free when its owner is renamed, too."""
        baseline = Baseline(self._catalog)
        left = [(name, self._objects[name]) for name in self._form.objects if name in self._objects]
        left += [
            (item.name, item.id)
            for item in self._catalog.objects
            if not item.is_custom and item.id not in self._objects.values()
        ]
        while left:
            used = {each: item.id for item in self._catalog.objects for each in (item.name, item.plural)}
            free = [
                (name, own_id)
                for name, own_id in left
                if all(used.get(each, own_id) == own_id for each in (name, self._plural(name)))
            ]
            for name, own_id in free or left:
                self._update_object(baseline, name, own_id)
            left = [each for each in left if each not in free] if free else []

    def _plural(self, name: str) -> str:
        form = self._form.objects.get(name)
        return str(form.given.get("plural", "")) if form else ""

    def _update_object(self, baseline: Baseline, name: str, own_id: UUID) -> None:
        item = find_object(self._catalog, own_id)
        assert item is not None
        form = self._form.objects.get(name) or ObjectForm(name=name, line=1, place=f"objects.{name}")
        now = describe_object(item)
        wanted = {**now, **baseline.of_object(item), **form.given}
        given = {
            _OBJECT_INPUT[key]: value for key, value in wanted.items() if key in _OBJECT_INPUT and value != now[key]
        }
        if item.name != name:
            given["nameSingular"] = name
        if given:
            with self._at(form):
                self._catalog = update_object(self._catalog, own_id, given, taken=self._taken)

    def _create_objects(self) -> None:
        for name, form in self._form.objects.items():
            if name in self._objects:
                continue
            given = {_OBJECT_INPUT[key]: value for key, value in form.given.items() if key in _OBJECT_INPUT}
            given |= {"nameSingular": name, "skipNameField": form.given.get("nameField") is False}
            with self._at(form):
                self._catalog, self._objects[name] = create_object(self._catalog, given, taken=self._taken)
            if form.given.get("active") is False:
                self._catalog = update_object(self._catalog, self._objects[name], {"isActive": False})

    # -- fields -----------------------------------------------------------------------------------------------------

    def _update_fields(self, *, deactivate: bool = False) -> None:
        """All that there are by now. What is set aside waits until nothing else needs it."""
        baseline = Baseline(self._catalog)
        forms = {own_id: self._form.objects[owner].fields[name] for (owner, name), own_id in self._fields.items()}
        left = [
            (item.id, each.id)
            for item in self._catalog.objects
            for each in item.fields
            if each.id in forms or not each.is_custom
        ]
        while left:
            free = [pair for pair in left if self._has_room(*pair, forms.get(pair[1]))]
            for owner_id, own_id in free or left:
                self._update_field(baseline, owner_id, own_id, forms.get(own_id), deactivate=deactivate)
            done = set(free)
            left = [pair for pair in left if pair not in done] if free else []

    def _has_room(self, owner_id: UUID, own_id: UUID, form: FieldForm | None) -> bool:
        item = find_object(self._catalog, owner_id)
        assert item is not None
        return form is None or all(each.id == own_id or each.name != form.name for each in item.fields)

    def _update_field(
        self, baseline: Baseline, owner_id: UUID, own_id: UUID, form: FieldForm | None, *, deactivate: bool
    ) -> None:
        owner = find_object(self._catalog, owner_id)
        assert owner is not None
        item = next(each for each in owner.fields if each.id == own_id)
        form = form or FieldForm(name=item.name, line=1, place=f"objects.{owner.name}.fields.{item.name}")
        now = describe_field(item)
        wanted = {**now, **baseline.of_field(owner, item), **form.given}
        changed = {key: value for key, value in wanted.items() if key in _FIELD_INPUT and value != now.get(key)}
        if not deactivate and wanted.get("active") is False:
            changed.pop("active", None)
        if changed.get("unique") is False and not item.is_custom and "unique" not in form.given:
            changed.pop("unique", None)  # what earlier releases had unique stays so
        if changed.get("options", item.options) is None:
            self._fault(form, f"a field of type {item.type.name} needs options")
        if isinstance(changed.get("options"), list):
            changed["options"] = options_input(cast("list[Json]", changed["options"]), item)
        given = {_FIELD_INPUT[key]: value for key, value in changed.items() if key in _FIELD_INPUT}
        if item.name != form.name:
            given["name"] = form.text("group") or form.name
        if given:
            with self._at(form):
                self._catalog = update_field(self._catalog, own_id, given, taken=self._taken)
        on_delete = form.text("onDelete") or "SET_NULL"
        if item.is_custom and item.is_to_one and item.relation is not None and on_delete != item.relation.on_delete:
            self._catalog = with_on_delete(self._catalog, own_id, on_delete)

    def _create_fields(self) -> None:
        new = [
            (owner, form)
            for owner in self._form.objects.values()
            for form in owner.fields.values()
            if (owner.name, form.name) not in self._fields
        ]
        for owner, form in new:
            if not form.is_relation:
                given = {_FIELD_INPUT[key]: value for key, value in form.given.items() if key in _DEFINING}
                self._create_field(owner, form, given)
        groups: dict[tuple[str, str], list[FieldForm]] = {}
        for owner, form in new:
            group = form.text("group")
            if group is not None:
                groups.setdefault((owner.name, group), []).append(form)
            elif form.text("relation") == "MANY_TO_ONE":
                self._create_field(owner, form, {"relationCreationPayload": self._payload(form)})
        for (owner_name, group), members in groups.items():
            item = self._object(owner_name)
            assert item is not None
            if any(each.relation is not None and each.relation.morph_group == group for each in item.fields):
                for member in members:
                    with self._at(member):
                        label, payload = str(member.given["label"]), self._payload(member)
                        self._catalog = join_group(self._catalog, item.id, group, label, payload)
                continue
            payloads: list[Json] = [self._payload(member) for member in members]
            given = {"name": group, "morphRelationsCreationPayload": payloads}
            self._create_field(self._form.objects[owner_name], members[0], given)
        for owner, form in new:
            found = self._named(owner.name, form.name)
            if found is not None:
                self._fields[owner.name, form.name] = found.id

    def _create_field(self, owner: ObjectForm, form: FieldForm, more: Mapping[str, Json]) -> None:
        given: dict[str, Json] = {"name": form.name, "type": form.text("type"), **more}
        given |= {key: form.given[key] for key in ("label", "description", "icon") if key in form.given}
        given["isLabelSyncedWithName"] = form.given.get("labelSynced") is True
        with self._at(form):
            self._catalog, _ = create_field(self._catalog, self._objects[owner.name], given, taken=self._taken)

    def _payload(self, form: FieldForm) -> dict[str, Json]:
        """The other side: its label comes later, for now it gives the name."""
        target, name = form.target
        other = self._form.objects[target].fields[name]
        issues = field_issues(name=name, label=name)
        if issues:
            raise InvalidModelFile(
                [Fault(line=other.line, place=other.place, message=issue.message) for issue in issues]
            )
        return {
            "type": "MANY_TO_ONE",
            "targetObjectMetadataId": str(self._objects[target]),
            "targetFieldLabel": name,
            "targetFieldIcon": other.text("icon"),
            "onDelete": form.text("onDelete"),
        }

    # -- what depends on fields -------------------------------------------------------------------------------------

    def _identify(self) -> None:
        """The fields that records are known by."""
        baseline = Baseline(self._catalog)
        for name, form in self._form.objects.items():
            item = self._object(name)
            assert item is not None
            given: dict[str, Json] = {}
            fields = {each.name: str(each.id) for each in item.fields}
            wanted = {**describe_object(item), **baseline.of_object(item), **form.given}
            label, image = wanted["labelField"], wanted["imageField"]
            if label != item.label_field:
                given["labelIdentifierFieldMetadataId"] = fields.get(str(label), "")
            if image != item.image_field:
                given["imageIdentifierFieldMetadataId"] = None if image is None else fields.get(str(image), "")
            before = find_object(self._before, item.id)
            if label == "id" and before is not None and before.label_field != "id":
                self._fault(form, "the records of an object that had a labelField need one, of type TEXT or FULL_NAME")
            if given:
                with self._at(form):
                    self._catalog = update_object(self._catalog, item.id, given)

    def _index(self) -> None:
        for item in self._catalog.objects:
            form = next((self._form.objects[name] for name, own_id in self._objects.items() if own_id == item.id), None)
            wanted = form.indexes if form else ()
            if not wanted and not item.custom_indexes:
                continue
            found = []
            catalog = with_object(self._catalog, replace(item, custom_indexes=()))
            for index in wanted:
                with self._at(index):
                    catalog, _ = create_index(catalog, index_input(item, index))
                made = find_object(catalog, item.id)
                assert made is not None
                index_made = made.custom_indexes[-1]
                known = [
                    each
                    for each in item.custom_indexes
                    if (each.parts, each.is_unique) == (index_made.parts, index_made.is_unique)
                ]
                found.append(known[0] if known else index_made)
            # Those that there were keep their places.
            places = {each.id: place for place, each in enumerate(item.custom_indexes)}
            found.sort(key=lambda each: places.get(each.id, len(places)))
            self._catalog = with_object(self._catalog, replace(item, custom_indexes=tuple(found)))

    def _order(self) -> None:
        """New fields come after those that there were, in the order of the file."""
        old = {each.id for item in self._before.objects for each in item.fields}
        for name, form in self._form.objects.items():
            item = self._object(name)
            assert item is not None
            places = {self._fields[name, each]: place for place, each in enumerate(form.fields)}
            new = [each for each in item.fields if each.id not in old and each.is_custom]
            if len(new) > 1:
                rest = [each for each in item.fields if each not in new]
                ordered = (*rest, *sorted(new, key=lambda each: places.get(each.id, -1)))
                self._catalog = with_object(self._catalog, replace(item, fields=ordered))

    # -- finding and telling ----------------------------------------------------------------------------------------

    def _object(self, name: str) -> Object | None:
        own_id = self._objects.get(name)
        return None if own_id is None else find_object(self._catalog, own_id)

    def _field(self, owner: str, name: str) -> Field | None:
        item, own_id = self._object(owner), self._fields.get((owner, name))
        return next((each for each in item.fields if each.id == own_id), None) if item else None

    def _named(self, owner: str, name: str) -> Field | None:
        item = self._object(owner)
        return next((each for each in item.fields if each.name == name), None) if item else None

    def _fault(self, form: ObjectForm | FieldForm | IndexForm, message: str) -> None:
        raise InvalidModelFile([Fault(line=form.line, place=form.place, message=message)])

    @contextmanager
    def _at(self, form: ObjectForm | FieldForm | IndexForm) -> Iterator[None]:
        """What an edit refuses is said of the place in the file that it is for."""
        try:
            yield
        except InvalidModel as error:
            raise InvalidModelFile(
                Fault(line=form.line, place=form.place, message=_told(issue))
                for finding in error.findings
                for issue in finding.issues
            ) from error
        except InvalidModelFile:
            raise
        except RapportError as error:
            raise InvalidModelFile([Fault(line=form.line, place=form.place, message=error.message)]) from error


def _told(issue: Issue) -> str:
    """With the value that it is about, where the message does not name it."""
    if isinstance(issue.value, str) and f'"{issue.value}"' not in issue.message:
        return f'{issue.message}: "{issue.value}"'
    return issue.message
