import textwrap

import pytest

from console.app.reference.shapes import (
    Anything,
    Choice,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Table,
    Text,
)
from console.app.reference.type_source import Named, TypeSource


@pytest.fixture
def shape_of(tmp_path):
    """Return what a type of a module is read as; other modules may be given."""

    def read(source, name="It", **modules):
        for module, text in {"main": source, **modules}.items():
            (tmp_path / f"{module}.py").write_text(textwrap.dedent(text))
        return TypeSource(tmp_path).shape(Named(("main",), name))

    return read


@pytest.mark.parametrize(
    ("annotation", "shape"),
    [
        ("str", Text()),
        ("int", Number(is_whole=True)),
        ("float", Number(is_whole=False)),
        ("bool", Flag()),
        ("object", Anything()),
        ("None", Null()),
        ("builtins.str", Text()),
        ('"str"', Text()),
        ('Literal["a", "b"]', Choice(("a", "b"))),
        ("List[str]", Listing(Text())),
        ("SequenceNotStr[int]", Listing(Number(is_whole=True))),
        ("Dict[str, float]", Table(Number(is_whole=False))),
        ("Optional[bool]", OneOf((Flag(), Null()))),
        ("int | None", OneOf((Number(is_whole=True), Null()))),
        ('Union[str, Literal["a"], None]', OneOf((Choice(("a",), is_open=True), Null()))),
        ('Annotated[Union[int, bool], Info("x")]', OneOf((Number(is_whole=True), Flag()))),
        ("Callable[[int], str]", Anything()),
        ("SomethingUnheardOf", Anything()),
        ("lambda: 0", Anything()),
    ],
)
def test_an_alias_is_read_as_what_it_stands_for(shape_of, annotation, shape):
    assert shape_of(f"It: TypeAlias = {annotation}") == shape


def test_a_model_has_what_its_fields_say(shape_of):
    shape = shape_of(
        '''
        class It(BaseModel):
            """What it is for."""

            count: int
            """How many, between 1 and 9. Defaults to 3."""

            from_: Optional[str] = FieldInfo(alias="from", default=None)
        '''
    )

    count, source = shape.fields
    assert shape.text == "What it is for."
    assert (count.name, count.is_required, count.default) == ("count", True, 3)
    assert count.shape == Number(is_whole=True, low=1, high=9)
    assert count.text == "How many, between 1 and 9. Defaults to 3."
    assert (source.name, source.is_required, source.shape) == ("from", False, Text())


def test_a_partial_dictionary_requires_only_what_it_says(shape_of):
    shape = shape_of(
        """
        class It(Parent, total=False):
            id: Required[str]
            note: Optional[str]

        class Parent(TypedDict, total=False):
            kind: Required[Literal["x"]]
        """
    )

    assert [(each.name, each.is_required) for each in shape.fields] == [
        ("kind", True),
        ("id", True),
        ("note", False),
    ]
    assert shape.fields[2].shape == OneOf((Text(), Null()))


def test_a_dictionary_may_have_names_that_are_no_identifiers(shape_of):
    shape = shape_of('It = TypedDict("It", {"a-b": str}, total=False)')

    assert [(each.name, each.is_required) for each in shape.fields] == [("a-b", False)]


def test_names_lead_into_other_modules_and_packages(shape_of, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "__init__.py").write_text("from .inner import Inner as Renamed\n")
    (tmp_path / "deep" / "inner.py").write_text("class Inner(BaseModel):\n    x: int\n")

    shape = shape_of("from .other import It", other="from .deep import Renamed\nIt = Renamed\n")

    assert isinstance(shape, Record)
    assert shape.name == "Inner"


def test_a_type_that_holds_itself_ends(shape_of):
    shape = shape_of("class It(BaseModel):\n    inner: Optional[List[It]] = None\n")

    assert shape.fields[0].shape == Listing(Anything())


def test_a_union_names_its_types_where_they_are_defined(tmp_path):
    (tmp_path / "main.py").write_text("from .a import A\nAll: TypeAlias = Union[A, B]\n")
    (tmp_path / "a.py").write_text("class A(BaseModel):\n    x: int\n")

    union = TypeSource(tmp_path).union(("main",), "All")

    assert union == [Named(("a",), "A"), Named(("main",), "B")]


def test_an_alias_that_is_not_there_is_told(tmp_path):
    source = TypeSource(tmp_path)

    assert not source.has(("main",))
    with pytest.raises(LookupError, match="main has no alias All"):
        source.union(("main",), "All")
