"""What the keys of PX statements name: variables, values, contents and cells that there must be."""

from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import ANY, Head, Variable, is_bare, listed, said, tell
from nps_exchange.px_keywords import Keyword, keywords
from nps_exchange.tally import Tally

CONTVARIABLE = "CONTVARIABLE"


def check(head: Head, tally: Tally) -> None:
    """Look at the keys of each statement that could be read."""
    unknown: dict[tuple[str, str], str] = {}
    for one in head.sound():
        keyword = keywords().get(one.keyword)
        if keyword is None or not one.keys:
            continue
        variables = head.variables[head.language_of(one)]
        if variables is None:
            continue  # that they are not known is told
        _Keys(head, tally, one, variables, unknown).check(keyword)


class _Keys:
    """The keys of one statement; `unknown` is where variables that there are not were named first."""

    def __init__(
        self,
        head: Head,
        tally: Tally,
        one: Statement,
        variables: tuple[Variable, ...],
        unknown: dict[tuple[str, str], str],
    ) -> None:
        self.head, self.tally, self.one, self.variables, self.unknown = head, tally, one, variables, unknown

    def check(self, keyword: Keyword) -> None:
        """Find the kind of keys that they are by their number, and what they name."""
        kinds, number = keyword.keys, len(self.one.keys)
        if "content" in kinds and number == 1:
            self.content()
        elif "variable" in kinds and number == 1:
            if variable := self.variable():
                self.of_variable(variable)
        elif "value" in kinds and number == 2:
            self.value()
        elif number == len(self.variables):
            if "cell" in kinds:
                self.cell()
            elif "cell codes" in kinds:
                self.cell_codes()

    def variable(self) -> Variable | None:
        """The variable that the first key names."""
        name = self.one.keys[0]
        language = self.head.language_of(self.one)
        found = self.head.variable(name, language)
        if found is None:
            # What else is said of it is the same fault.
            column = self.unknown.setdefault((language, name), said(self.one))
            known = self.head.known[language]
            tell(self.tally, "px-variable-unknown", self.one, column, name=name, known=known)
        return found

    def content(self) -> None:
        """A value of the CONTVARIABLE, by its text."""
        language = self.head.language_of(self.one)
        if not self.head.has(CONTVARIABLE, language):
            if CONTVARIABLE not in self.head.faulty and (not language or not self.head.has(CONTVARIABLE, "")):
                # All of them are one fault.
                tell(self.tally, "px-content-without-variable", self.one, CONTVARIABLE, name=self.one.keys[0])
            return  # where the default language has one, its translation is missing
        variable = self.head.contents[language]
        if variable and variable.values is not None and self.one.keys[0] not in variable.texts:
            known = listed(variable.values)
            tell(self.tally, "px-content-unknown", self.one, name=self.one.keys[0], variable=variable.name, known=known)

    def value(self) -> None:
        """A variable, and a value of it by its text."""
        variable = self.variable()
        if variable and variable.values is not None and (name := self.one.keys[1]) not in variable.texts:
            tell(self.tally, "px-value-unknown", self.one, name=name, variable=variable.name)

    def cell(self) -> None:
        """A value of each variable, by its text, or all of them."""
        for name, variable in zip(self.one.keys, self.variables, strict=True):
            # The parser takes blanks off keys of cells.
            if name.strip() == ANY or variable.values is None or {name, name.strip()} & variable.texts:
                continue
            tell(self.tally, "px-cell-value-unknown", self.one, name=name, variable=variable.name)

    def cell_codes(self) -> None:
        """A code of each variable, or all of them; the parser takes a value's text, too."""
        for name, variable in zip(self.one.keys, self.variables, strict=True):
            known = variable.known_codes
            if name.strip() == ANY or known is None or {name, name.strip()} & known:
                continue
            if name in variable.texts:
                tell(self.tally, "px-value-for-code", self.one, name=name, variable=variable.name)
            else:
                tell(self.tally, "px-cell-code-unknown", self.one, name=name, variable=variable.name)

    def of_variable(self, variable: Variable) -> None:
        """What is said of a variable, where that names something of it."""
        if self.one.keyword == "KEYS":
            language = self.head.language_of(self.one)
            if variable.name not in self.head.names_in("STUB", language):
                tell(self.tally, "px-keys-not-stub", self.one, name=variable.name)
        elif self.one.keyword == "ELIMINATION" and not is_bare(self.one.values):
            if variable.values is None or self.one.text in variable.texts:
                return
            if self.one.text in variable.code_texts:
                tell(self.tally, "px-elimination-code", self.one, name=self.one.text, variable=variable.name)
            elif self.one.text.strip().upper() in keywords()[self.one.keyword].words:
                tell(self.tally, "px-form", self.one, text=self.one.text, wanted=self.one.text.strip().upper())
            else:
                tell(self.tally, "px-elimination-unknown", self.one, name=self.one.text, variable=variable.name)
