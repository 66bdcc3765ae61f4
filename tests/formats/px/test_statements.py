"""The head is taken apart into statements; what is wrong is told with its line, and costs no other statement."""

import pytest

from nps_exchange import messages
from nps_exchange.formats.px import statements as module
from nps_exchange.formats.px.document import Bare, Statement
from nps_exchange.formats.px.statements import said, statements
from nps_exchange.model import EXAMPLES_SHOWN


def one(text):
    head = statements(text)
    assert head.faults == ()
    [statement] = head.statements
    return statement


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ('TITLE="a";', Statement("TITLE", ("a",))),
        ('TITLE="";', Statement("TITLE", ("",))),
        ('title="a";', Statement("TITLE", ("a",))),
        ('TITLE[sv]="a";', Statement("TITLE", ("a",), "sv")),
        ('STUB="a","b" , "c";', Statement("STUB", ("a", "b", "c"))),
        ('STUB="a",\n"b",\r\n  "c"\n;', Statement("STUB", ("a", "b", "c"))),
        (' STUB [sv]\t( "a" , "b" ) =\n"c" ;', Statement("STUB", ("c",), "sv", ("a", "b"))),
        ('VALUES[sv]("å (1)")="1=1","a;b";', Statement("VALUES", ("1=1", "a;b"), "sv", ("å (1)",))),
        ('CELLNOTE("*", "20", "*")="x";', Statement("CELLNOTE", ("x",), "", ("*", "20", "*"))),
        ('NOTE="a#b";', Statement("NOTE", ("a\nb",))),
        ('NOTE("a#b")="c";', Statement("NOTE", ("c",), "", ("a\nb",))),
        ('NOTE="one "\n"text#of "\r\n"pieces";', Statement("NOTE", ("one text\nof pieces",))),
        ('NOTE="a"\n\n"b";', Statement("NOTE", ("ab",))),
        ('STUB="a"\n"b","c";', Statement("STUB", ("ab", "c"))),
        ("DECIMALS=0;", Statement("DECIMALS", (Bare("0"),))),
        ("X=-1.5;", Statement("X", (Bare("-1.5"),))),
        ("COPYRIGHT = YES ;", Statement("COPYRIGHT", (Bare("YES"),))),
        ('ELIMINATION("a")=YES;', Statement("ELIMINATION", (Bare("YES"),), "", ("a",))),
        ('PARTITIONED("a")="b",1,4;', Statement("PARTITIONED", ("b", Bare("1"), Bare("4")), "", ("a",))),
        ('TIMEVAL("a")=TLIST(A1),"1","2";', Statement("TIMEVAL", (Bare("TLIST(A1)"), "1", "2"), "", ("a",))),
        (
            'TIMEVAL("a")=TLIST( A1 , "1" - "2" );',
            Statement("TIMEVAL", (Bare('TLIST(A1,"1"-"2")'),), "", ("a",)),
        ),
        ('HIERARCHIES("a")="t","t":"x","t":"y";', Statement("HIERARCHIES", ("t", ("t", "x"), ("t", "y")), "", ("a",))),
        ('OWN-WORD="kept";', Statement("OWN-WORD", ("kept",))),
        ("\ufeff OWN=two words;", Statement("OWN", (Bare("two words"),))),
        ('A1="x\u2028y";', Statement("A1", ("x\u2028y",))),
    ],
)
def test_what_a_statement_says(text, statement):
    assert one(text) == statement


def test_statements_know_their_lines_whatever_ends_them():
    for end in ("\n", "\r\n", "\r"):
        text = end.join(['TITLE="a', '";', "", 'NOTE="x"', '"y";UNITS="z";']).replace(f"a{end}", "a")
        assert [(s.keyword, s.line) for s in statements(text).statements] == [("TITLE", 1), ("NOTE", 3), ("UNITS", 4)]


def test_lines_that_are_too_long_are_counted():
    assert statements(f'{"A" * 253}=1;\n{"B" * 254}=1;\nC="{"x" * 300}";').long_lines == (2, 3)


GOOD = 'CHARSET="ANSI";\n'
AFTER = '\nUNITS="number";\nSTUB="a";\n'


@pytest.mark.parametrize(
    ("broken", "rule", "line", "column"),
    [
        ('TITLE="a"b";', "px-quote-stray", 2, "TITLE"),
        ('STUB[sv]="a"b","c";', "px-quote-stray", 2, "STUB[sv]"),
        ('CODES("a")="0"0","01";', "px-quote-stray", 2, 'CODES("a")'),
        ('VALUES("a")="x",\n"y"z","0";', "px-quote-stray", 3, 'VALUES("a")'),
        ('VALUES("a")="x","y,"z";', "px-quote-stray", 2, 'VALUES("a")'),
        ('TITLE=a";', "px-quote-stray", 2, "TITLE"),
        ('TITLE=a"b";', "px-quote-stray", 2, "TITLE"),
        ('VALUES("a"b")="x";', "px-quote-stray", 2, "VALUES"),
        ('TITLE="a;', "px-text-unclosed", 2, "TITLE"),
        ('TITLE="a', "px-text-unclosed", 2, "TITLE"),
        ('VALUES("a)="x";', "px-quote-stray", 2, "VALUES"),
        ('VALUES("a', "px-text-unclosed", 2, "VALUES"),
        ('TITLE="a"', "px-semicolon-missing", 2, "TITLE"),
        ('VALUES("a")="x",\n"y"', "px-semicolon-missing", 3, 'VALUES("a")'),
        ("DECIMALS=0", "px-semicolon-missing", 2, "DECIMALS"),
        ('TITLE="a" CONTENTS="b";', "px-semicolon-missing", 2, "TITLE"),
        ('DECIMALS=0 CONTENTS="b";', "px-semicolon-missing", 2, "DECIMALS"),
        ('TITLE "a";', "px-equals-missing", 2, "TITLE"),
        ("TITLE", "px-equals-missing", 3, "TITLE"),
        ("SUBJECT AREA=1;", "px-equals-missing", 2, "SUBJECT"),
        ('VALUES("a") "x";', "px-equals-missing", 2, 'VALUES("a")'),
        ("TITLE;", "px-equals-missing", 2, "TITLE"),
        ('STUB="a",,"b";', "px-value-empty", 2, "STUB"),
        ('STUB=,"a","b";', "px-value-empty", 2, "STUB"),
        ("STUB=;", "px-value-empty", 2, "STUB"),
        ("TITLE=", "px-value-empty", 3, "TITLE"),
        ('NOTE("a",)="b";', "px-value-empty", 2, "NOTE"),
        ('NOTE()="b";', "px-value-empty", 2, "NOTE"),
        ('STUB="a",b;', "px-value-unquoted", 2, "STUB"),
        ("STUB=a,b;", "px-value-unquoted", 2, "STUB"),
        ('TIMEVAL("a")=TLIST(A1),2001;', "px-value-unquoted", 2, 'TIMEVAL("a")'),
        ('NOTE("a"="b";', "px-parentheses", 2, "NOTE"),
        ('NOTE["a"]="b";', "px-parentheses", 2, "NOTE"),
        ('NOTE[sv="b";', "px-parentheses", 2, "NOTE"),
        ('NOTE[sv][en]="b";', "px-parentheses", 2, "NOTE"),
        ('NOTE("a")("b")="b";', "px-parentheses", 2, "NOTE"),
        ('TIMEVAL("a")=TLIST(A1,"2001";', "px-parentheses", 2, 'TIMEVAL("a")'),
        ('TITLE="a"="b";', "px-sign-unexpected", 2, "TITLE"),
        ("TITLE=(a);", "px-sign-unexpected", 2, "TITLE"),
        ('HIERARCHIES("a")="b":c;', "px-sign-unexpected", 2, 'HIERARCHIES("a")'),
        ('"TITLE"="a";', "px-statement-unreadable", 2, ""),
        ('="a";', "px-statement-unreadable", 2, ""),
        ('TITLE="a\x07b";', "px-control-character", 2, "TITLE"),
        ('TITLE="a\x9fb";', "px-control-character", 2, "TITLE"),
        ('NOTE="a"\n"b\x00";', "px-control-character", 3, "NOTE"),
        # told, though no doubt is left
        ('NOTE("a")[sv]="b";', "px-language-behind-keys", 2, "NOTE"),
        ('TITLE="a";;', "px-semicolon-surplus", 2, ""),
        ('CODES("a")="1","2",;', "px-comma-last", 2, 'CODES("a")'),
        ("TITLE=a;", "px-text-unquoted", 2, "TITLE"),
        ("CREATION-DATE=20260101 12:00;", "px-text-unquoted", 2, "CREATION-DATE"),
        ('NOTE(a)="b";', "px-key-unquoted", 2, "NOTE"),
        ('NOTE="a\nb";', "px-text-over-lines", 2, "NOTE"),
        ('NOTE="a""b";', "px-comma-missing", 2, "NOTE"),
        ('STUB="a" "b";', "px-comma-missing", 2, "STUB"),
        ('NOTE="a\tb";', "px-tab-in-text", 2, "NOTE"),
        ('NOTE="a\ufffdb";', "px-text-damaged", 2, "NOTE"),
    ],
)
def test_a_fault_is_told_once_and_costs_no_other_statement(broken, rule, line, column):
    head = statements(GOOD + broken + AFTER)
    assert [(fault.rule, fault.place.row, fault.place.column) for fault in head.faults] == [(rule, line, column)]
    assert messages.line(head.faults[0], "sv")
    keywords = [statement.keyword for statement in head.statements]
    assert (keywords[0], keywords[-2:]) == ("CHARSET", ["UNITS", "STUB"])


@pytest.mark.parametrize(
    ("broken", "values"),
    [
        ('TITLE="a"b";', ("ab",)),
        ('STUB="regi"on","age";', ("region", "age")),
        ('STUB="region","a"ge";', ("region", "age")),
        ('CODES("a")="0"0",\n"01","02";', ("00", "01", "02")),
        ('VALUES("a")="x","y,"z";', ("x", "y", "z")),
        ('NOTE="a"\n"b"c#"\n"d";', ("abc\nd",)),
        ('TITLE="a;', ("a",)),
        ('TITLE "a";', ("a",)),
        ('TITLE="a"', ("a",)),
        ("DECIMALS 0;", (Bare("0"),)),
        ('CODES("a")="1",,"2",;', ("1", "", "2", "")),
        ('TITLE="a" CONTENTS="b";', ("a",)),
        ("TITLE=a;", (Bare("a"),)),
        ('STUB="a",b c;', ("a", Bare("b c"))),
        ('NOTE="a\n  b";', ("a\n  b",)),
        ('NOTE="a""b";', ("ab",)),
    ],
)
def test_of_a_broken_statement_what_was_probably_meant_is_kept(broken, values):
    assert statements(broken + AFTER).statements[0].values == values


def test_another_statement_within_the_line_is_read():
    head = statements('TITLE="a"b";CONTENTS="c";UNITS="d";')
    assert [one.keyword for one in head.statements] == ["TITLE", "CONTENTS", "UNITS"]


def test_a_line_of_a_text_that_looks_like_a_statement_is_none():
    head = statements('NOTE="GDP per head,\nGDP=100 in 2005";' + AFTER)
    assert [fault.rule for fault in head.faults] == ["px-text-over-lines"]
    assert head.statements[0].values == ("GDP per head,\nGDP=100 in 2005",)


def test_of_many_faults_of_a_rule_some_are_told_and_all_counted():
    head = statements('NOTE="a\tb";\n' * 200)
    assert (len(head.faults), sum(fault.count for fault in head.faults)) == (EXAMPLES_SHOWN, 200)


def test_a_hopeless_head_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "MOST_BROKEN", 10)
    head = statements('NOTE="a"b";\n' * 20)
    assert [(fault.rule, fault.place.row) for fault in head.faults[-1:]] == [("px-head-given-up", 12)]


@pytest.mark.parametrize(
    "text", ['VALUES("a")=' + '"x",' * 40, "NOTE" + '("x",' * 40, 'NOTE="x"' + '\n"x"' * 40, "A=" + "x " * 80]
)
def test_a_statement_without_end_is_told(text, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_STATEMENT", 100)
    assert statements(text).faults[0].rule in ("px-statement-too-long", "px-parentheses")


def test_what_stands_before_the_equals_sign():
    assert said("VALUES", "sv", ("ålder",)) == 'VALUES[sv]("ålder")'
    assert said("VALUENOTE", "", ("a", "b")) == 'VALUENOTE("a","b")'
    assert said("TITLE") == "TITLE"
