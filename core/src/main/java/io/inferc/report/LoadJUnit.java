package io.inferc.report;

import io.inferc.benchmark.study.GateResult;
import io.inferc.benchmark.study.StudyResult;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The gates as test cases, in the XML that JUnit writes and build servers read. */
final class LoadJUnit {
  private static final double NANOS_PER_SECOND = 1e9;

  private final XMLStreamWriter out;

  private LoadJUnit(XMLStreamWriter out) {
    this.out = out;
  }

  /** What a test case has that does not pass. */
  private enum Problem {
    FAILED("failure"),
    NOT_SHOWN("failure"),
    VOID("error");

    private final String element;

    Problem(String element) {
      this.element = element;
    }
  }

  static String of(StudyFacts facts) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      out.writeStartDocument("UTF-8", "1.0");
      new LoadJUnit(out).suites(facts);
      out.writeEndDocument();
      out.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text.append('\n').toString();
  }

  private void suites(StudyFacts facts) throws XMLStreamException {
    StudyResult result = facts.result();
    List<Optional<Problem>> problems =
        result.gates().stream().map(gate -> problem(gate, facts.isVoid())).toList();
    start("testsuites");
    start("testsuite");
    attribute("name", result.title());
    attribute("timestamp", result.startedAt().toString());
    attribute(
        "time", String.format(Locale.ROOT, "%.3f", result.took().toNanos() / NANOS_PER_SECOND));
    attribute("tests", Integer.toString(problems.size()));
    attribute("failures", Long.toString(count(problems, "failure")));
    attribute("errors", Long.toString(count(problems, "error")));
    attribute("skipped", "0");
    for (int i = 0; i < problems.size(); i++) {
      testCase(result.gates().get(i), problems.get(i));
    }
    if (facts.isVoid()) {
      start("system-err");
      out.writeCharacters(
          clean(
              "VOID: this measurement is not to be relied on.\n"
                  + String.join("\n", facts.voidReasons())));
      out.writeEndElement();
    }
    out.writeEndElement();
    out.writeEndElement();
  }

  private void testCase(GateResult gate, Optional<Problem> problem) throws XMLStreamException {
    start("testcase");
    attribute("classname", gate.variant());
    attribute("name", gate.gate());
    attribute("time", "0");
    if (problem.isPresent()) {
      start(problem.get().element);
      attribute("type", problem.get().name());
      attribute("message", gate.explanation());
      out.writeCharacters(clean(gate.toString()));
      out.writeEndElement();
    } else {
      start("system-out");
      out.writeCharacters(clean(gate.toString()));
      out.writeEndElement();
    }
    out.writeEndElement();
  }

  private static Optional<Problem> problem(GateResult gate, boolean isVoid) {
    return switch (gate.verdict()) {
      case PASSED -> Optional.empty();
      case FAILED -> Optional.of(Problem.FAILED);
      case NOT_SHOWN -> Optional.of(isVoid ? Problem.VOID : Problem.NOT_SHOWN);
    };
  }

  private static long count(List<Optional<Problem>> problems, String element) {
    return problems.stream()
        .flatMap(Optional::stream)
        .filter(p -> p.element.equals(element))
        .count();
  }

  /** Begins an element on a line of its own. */
  private void start(String element) throws XMLStreamException {
    out.writeCharacters("\n");
    out.writeStartElement(element);
  }

  private void attribute(String name, String value) throws XMLStreamException {
    // A reader makes spaces of line ends in attributes anyway.
    out.writeAttribute(name, clean(value).replaceAll("[\\t\\n\\r]", " "));
  }

  /** XML 1.0 has no way to write most control characters, nor halves of surrogate pairs. */
  static String clean(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean isWritable =
                  c == '\t'
                      || c == '\n'
                      || c == '\r'
                      || (c >= 0x20 && c < 0xd800)
                      || (c >= 0xe000 && c < 0xfffe)
                      || c >= 0x10000;
              if (isWritable) {
                clean.appendCodePoint(c);
              } else {
                clean.append(String.format(Locale.ROOT, "\\u%04x", c));
              }
            });
    return clean.toString();
  }
}
