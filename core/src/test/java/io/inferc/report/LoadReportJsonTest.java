package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.inferc.benchmark.load.MadeLoad.Fate;
import io.inferc.benchmark.study.GateResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whether what programs read is what the schema says. */
class LoadReportJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Schema SCHEMA = REGISTRY.getSchema(LoadReport.jsonSchema());

  static List<String> errors(String document) {
    return SCHEMA.validate(document, InputFormat.JSON).stream().map(Error::toString).toList();
  }

  private static String json(MadeStudies study) {
    return LoadReport.of(
            study.result(
                MadeStudies.gate("INT8", GateResult.Verdict.PASSED),
                MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN)))
        .toJson();
  }

  @Test
  void theSchemaIsOneOfDraft202012() throws IOException {
    Schema draft =
        REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    assertEquals(List.of(), draft.validate(LoadReport.jsonSchema(), InputFormat.JSON));
    JsonNode schema = MAPPER.readTree(LoadReport.jsonSchema());
    assertEquals(
        SpecificationVersion.DRAFT_2020_12.getDialectId(), schema.path("$schema").asText());
    assertEquals(LoadJson.SCHEMA, schema.path("$id").asText());
    assertEquals(LoadJson.SCHEMA, schema.at("/properties/schema/const").asText());
  }

  @Test
  void documentsOfAllShapesHoldToTheSchema() throws IOException {
    Map<String, MadeStudies> all = new LinkedHashMap<>();
    all.put("two", MadeStudies.of("FP32", "INT8"));
    all.put("one", MadeStudies.of("FP32"));
    all.put("bare", MadeStudies.of("FP32").bare());
    all.put("four", MadeStudies.of("neither", "first", "second", "both"));
    all.put("streams", MadeStudies.of("FP32", "INT8").streamed(5));
    all.put("no limit", MadeStudies.of("FP32", "INT8").withoutLimits());
    all.put("none kept", MadeStudies.of("FP32", "INT8").hopeless());
    all.put("failed", MadeStudies.of("FP32", "INT8").bare().wrong(1, Fate.failed("gone")));
    all.put("unanswered", MadeStudies.of("FP32", "INT8").wrong(40, Fate.unanswered()));
    all.put("one size", MadeStudies.of("FP32", "INT8").batches(16));
    all.put("hostile", MadeStudies.of("a\u0000\"\\", "\ud800").saying("\u2028</script>\n"));
    for (Map.Entry<String, MadeStudies> each : all.entrySet()) {
      String document = json(each.getValue());
      assertEquals(List.of(), errors(document), each.getKey());
      assertFalse(document.contains("NaN") || document.contains("Infinity"), each.getKey());
    }
  }

  @Test
  void everyFieldOfTheSchemaIsWritten() throws IOException {
    // Fields that no document has would be promised and never kept; all are required where they
    // may be, so documents that hold to it have them.
    JsonNode schema = MAPPER.readTree(LoadReport.jsonSchema());
    List<JsonNode> objects = new ArrayList<>(List.of(schema));
    schema.path("$defs").forEach(objects::add);
    for (JsonNode object : objects) {
      if (object.has("properties")) {
        List<String> fields = new ArrayList<>();
        object.path("properties").fieldNames().forEachRemaining(fields::add);
        List<String> required = new ArrayList<>();
        object.path("required").forEach(r -> required.add(r.asText()));
        assertEquals(fields, required);
        assertFalse(object.path("additionalProperties").asBoolean(true), fields::toString);
      }
    }
  }

  @Test
  void brokenDocumentsAreRefused() throws IOException {
    String whole = json(MadeStudies.of("FP32", "INT8").streamed(3));
    Map<String, Consumer<ObjectNode>> breaks = new LinkedHashMap<>();
    MAPPER
        .readTree(whole)
        .fieldNames()
        .forEachRemaining(f -> breaks.put("no " + f, r -> r.remove(f)));
    breaks.put("a field that is not known", r -> r.put("latencies", 1));
    breaks.put("another version", r -> r.put("schema", "urn:inferc:load-report:2"));
    breaks.put("text for a number", r -> variant(r, "/latency").put("meanMillis", "12"));
    breaks.put("text for infinity", r -> percentile(r).put("highMillis", "Infinity"));
    breaks.put("a percentile of 100", r -> percentile(r).put("percentile", 100));
    breaks.put("a unit that is another", r -> percentile(r).put("valueSeconds", 1));
    breaks.put("a bound left out", r -> percentile(r).remove("lowMillis"));
    breaks.put("a verdict not known", r -> ((ObjectNode) r.at("/gates/0")).put("verdict", "MAYBE"));
    breaks.put("no variant", r -> r.putArray("variants"));
    breaks.put("a negative count", r -> variant(r, "").put("requests", -1));
    breaks.put("half a request", r -> variant(r, "").put("requests", 1.5));
    breaks.put("two sentences", r -> sentences(r).putArray("sentences").add("a").add("b"));
    breaks.put("null where none may be", r -> r.putNull("environment"));
    breaks.put("a time that is none", r -> r.put("startedAt", "yesterday"));
    for (Map.Entry<String, Consumer<ObjectNode>> each : breaks.entrySet()) {
      ObjectNode root = (ObjectNode) MAPPER.readTree(whole);
      each.getValue().accept(root);
      assertFalse(errors(root.toString()).isEmpty(), each.getKey() + " was not noticed");
    }
    assertTrue(breaks.size() > 25, "few: " + breaks.size());
  }

  private static ObjectNode variant(ObjectNode root, String path) {
    return (ObjectNode) root.at("/variants/0" + path);
  }

  private static ObjectNode percentile(ObjectNode root) {
    return variant(root, "/latency/percentiles/0");
  }

  private static ObjectNode sentences(ObjectNode root) {
    return (ObjectNode) root.at("/comparisons/0");
  }

  @Test
  void whatIsInfiniteOrNotKnownIsNull() throws IOException {
    JsonNode root =
        MAPPER.readTree(json(MadeStudies.of("FP32", "INT8").bare().wrong(20, Fate.unanswered())));
    JsonNode latency = root.at("/variants/1/latency");
    assertTrue(latency.path("endless").asLong() > 0);
    assertTrue(latency.path("maxMillis").isNull(), latency::toString);
    assertTrue(latency.at("/percentiles/3/valueMillis").isNull(), "P99 of 5 % without an answer");
    assertTrue(latency.at("/percentiles/0/valueMillis").isNumber(), latency::toString);
    for (String none : List.of("limits", "noise", "interaction", "processes", "roofline")) {
      assertTrue(root.path(none).isNull(), none);
    }
    assertTrue(root.at("/comparisons/0/p99LatencyRatio").isNull());
  }

  @Test
  void figuresAreThoseOfTheStudy() throws IOException {
    var result = MadeStudies.of("FP32", "INT8").result();
    JsonNode root = MAPPER.readTree(LoadReport.of(result).toJson());
    var p95 = result.rounds().of(1).latency().percentile(95);
    JsonNode written = root.at("/variants/1/latency/percentiles/2");
    assertEquals(95, written.path("percentile").asDouble());
    assertEquals(p95.value(), written.path("valueMillis").asDouble());
    assertEquals(p95.high(), written.path("highMillis").asDouble());
    var rate = result.limits().orElseThrow().rate(1).orElseThrow();
    assertEquals(
        rate.value(), root.at("/variants/1/cost/rateWithinLimit/valuePerSecond").asDouble());
    assertEquals(
        rate.under(1e6 / 3600).times(3).low(),
        root.at("/variants/1/cost/costPerMillionRequests/lowCurrency").asDouble(),
        1e-9);
    assertEquals(
        result.sentences(1).orElseThrow().throughput(),
        root.at("/comparisons/0/sentences/0").asText());
    assertEquals(7, root.at("/settings/seed").asLong());
    assertEquals(0.0012, root.at("/environment/stolenShare").asDouble());
  }
}
