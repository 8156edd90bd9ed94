package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.MadeLoad.Fate;
import io.inferc.benchmark.study.GateResult;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** What a pull request and a build server are told. */
class LoadReportTextTest {
  private static final String CONTROLS = "a\u0000\u0001\u001f\ufffe\ud800<&\"']]>\n\u2028é𝄞";

  private static String markdown(MadeStudies study, GateResult... gates) {
    return LoadReport.of(study.result(gates)).toMarkdown();
  }

  private static Document junit(MadeStudies study, GateResult... gates) throws Exception {
    String xml = LoadReport.of(study.result(gates)).toJUnitXml();
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static Element only(Document document, String name) {
    assertEquals(1, document.getElementsByTagName(name).getLength(), name);
    return (Element) document.getElementsByTagName(name).item(0);
  }

  @Test
  void aPullRequestIsToldTheVerdictTheGatesAndThePercentiles() {
    String text =
        markdown(
            MadeStudies.of("FP32", "INT8"),
            MadeStudies.gate("INT8", GateResult.Verdict.PASSED),
            MadeStudies.gate("INT8", GateResult.Verdict.FAILED),
            MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN));
    List<String> lines = text.lines().toList();
    assertTrue(lines.size() < 30, "short");
    assertEquals("### Sentences under production's load", lines.get(0));
    assertTrue(lines.get(2).startsWith("- At equal latency (P95 within 50ms), INT8 serves"), text);
    assertTrue(text.contains("| ✅ PASSED |"), text);
    assertTrue(text.contains("**FAILED**") && text.contains("**NOT SHOWN**"), text);
    assertTrue(text.contains("| P50 | P90 | P95 | P99 | P99.9 |"), text);
    assertFalse(text.contains("VOID"), text);
  }

  @Test
  void whatIsVoidIsSaidFirst() {
    String text = markdown(MadeStudies.of("FP32", "INT8").wrong(9, Fate.failed("no|pipe")));
    assertTrue(text.lines().toList().get(2).startsWith("**VOID"), text);
    assertTrue(text.indexOf("no\\|pipe") < text.indexOf("At equal latency"), text);
    String none = markdown(MadeStudies.of("FP32", "INT8").hopeless());
    assertTrue(
        none.contains("INT8 was not compared with FP32 at equal latency; at equal load"), none);
    String failed = markdown(MadeStudies.of("FP32", "INT8").bare().wrong(1, Fate.failed("gone")));
    assertTrue(failed.contains("nor at equal load"), failed);
    assertTrue(failed.contains("| INT8 | – | – | – | – | – |"), failed);
    assertTrue(markdown(MadeStudies.of("FP32")).contains("| FP32 | "), "one variant");
  }

  @Test
  void namesDoNotBreakOutOfTheirCells() {
    String name = "a|b\n| c | `d` <img src=x> [l](http://x) @me #1 *b* \\| www.x.de";
    String text =
        markdown(
            MadeStudies.of(name, name + "2").title(name).saying(name),
            new GateResult(name, name, GateResult.Verdict.FAILED, name));
    List<String> rows = text.lines().filter(l -> l.startsWith("|")).toList();
    assertEquals(7, rows.size(), text);
    int columns = 4;
    for (String row : rows) {
      if (row.startsWith("| Latency")) {
        columns = 6;
      }
      assertEquals(columns, row.split("(?<!\\\\)\\|", -1).length - 2, row);
    }
    assertFalse(text.matches("(?s).*((?<!\\\\)<img|(?<!\\\\)]\\(|://).*"), text);
  }

  @Test
  void markdownIsWrittenAsText() {
    assertEquals("a\\|b c", LoadMarkdown.escaped("a|b\nc"));
    assertEquals("\\\\\\|", LoadMarkdown.escaped("\\|"));
    assertEquals("\\`x\\` \\*b\\* \\_i\\_", LoadMarkdown.escaped("`x` *b* _i_"));
    assertEquals("\\<b\\>&amp;lt;", LoadMarkdown.escaped("<b>&lt;"));
    assertEquals("@<!-- -->me #<!-- -->1", LoadMarkdown.escaped("@me #1"));
    assertEquals("http&#58;//x www\\.x", LoadMarkdown.escaped("http://x www.x"));
    assertEquals("\\- a", LoadMarkdown.escaped("- a"));
    assertEquals("1\\. a", LoadMarkdown.escaped("1. a"));
    assertEquals("12.5 ms", LoadMarkdown.escaped("12.5 ms"));
  }

  @Test
  void aBuildServerSeesACaseForEachGateAndVariant() throws Exception {
    Document document =
        junit(
            MadeStudies.of("FP32", "INT8"),
            MadeStudies.gate("INT8", GateResult.Verdict.PASSED),
            MadeStudies.gate("INT8", GateResult.Verdict.FAILED),
            MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN));
    Element suite = only(document, "testsuite");
    assertEquals("3", suite.getAttribute("tests"));
    assertEquals("2", suite.getAttribute("failures"));
    assertEquals("0", suite.getAttribute("errors"));
    var cases = document.getElementsByTagName("testcase");
    assertEquals(3, cases.getLength());
    assertEquals("INT8", ((Element) cases.item(0)).getAttribute("classname"));
    assertEquals(
        "P95 not higher than the baseline's", ((Element) cases.item(0)).getAttribute("name"));
    assertEquals(0, ((Element) cases.item(0)).getElementsByTagName("failure").getLength());
    for (int i = 1; i < 3; i++) {
      Element failure = (Element) ((Element) cases.item(i)).getElementsByTagName("failure").item(0);
      assertEquals(i == 1 ? "FAILED" : "NOT_SHOWN", failure.getAttribute("type"));
      assertTrue(failure.getAttribute("message").startsWith("At equal load"));
      assertTrue(failure.getTextContent().contains("0.930 [0.911, 0.948]"));
    }
  }

  @Test
  void whatAVoidMeasurementDoesNotShowIsAnError() throws Exception {
    Document document =
        junit(
            MadeStudies.of("FP32", "INT8").wrong(9, Fate.failed("gone")),
            MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN),
            MadeStudies.gate("INT8", GateResult.Verdict.FAILED));
    assertEquals("VOID", only(document, "error").getAttribute("type"));
    assertEquals("FAILED", only(document, "failure").getAttribute("type"));
    assertEquals("1", only(document, "testsuite").getAttribute("errors"));
    assertTrue(only(document, "system-err").getTextContent().contains("requests failed (gone)"));
  }

  @Test
  void anyTextMakesWellFormedXml() throws Exception {
    Document document =
        junit(
            MadeStudies.of(CONTROLS, CONTROLS + "2")
                .title(CONTROLS)
                .wrong(9, Fate.failed(CONTROLS)),
            new GateResult(CONTROLS, CONTROLS, GateResult.Verdict.FAILED, CONTROLS));
    String name = only(document, "testcase").getAttribute("name");
    assertEquals("a\\u0000\\u0001\\u001f\\ufffe\\ud800<&\"']]> \u2028é𝄞", name);
    Document none = junit(MadeStudies.of("FP32").bare());
    assertEquals("0", only(none, "testsuite").getAttribute("tests"));
  }
}
