"""All entities together: nothing hangs in the air."""

from __future__ import annotations

from made.crates import FIGURE, graph, ids, of_type

from layeratlas.provenance.crate.export import export_crate


def test_files_chain_from_the_data_set_to_the_figure(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    makers = {
        result: action
        for action in of_type(entities, "CreateAction")
        if action["@id"] != "#run"
        for result in ids(action["result"])
    }
    seen, todo = set(), [FIGURE]
    while todo:
        name = todo.pop()
        seen.add(name)
        if name in makers:
            todo += [o for o in ids(makers[name]["object"]) if o not in seen]
    assert "#data-digits" in seen
    assert len([name for name in seen if name.startswith("#file-")]) == 9  # data, 4 × 2 shards


def test_every_entity_that_is_named_is_there(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))

    def named(value) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(named, value))
        return {value["@id"]} if isinstance(value, dict) and "@id" in value else set()

    for entity in entities.values():
        missing = {name for value in entity.values() for name in named(value)} - entities.keys()
        # What conforms to a standard elsewhere names an address there.
        assert {name for name in missing if not name.startswith("https://")} == set(), entity["@id"]
