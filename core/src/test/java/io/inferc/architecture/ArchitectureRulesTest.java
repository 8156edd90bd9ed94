package io.inferc.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Shows that the rules let right packages pass and catch each wrong one. */
class ArchitectureRulesTest {

  private static final String FIXTURE = "io.inferc.architecture.fixture.";
  private static final JavaClasses RIGHT = classesBelow(FIXTURE + "right");
  private static final JavaClasses WRONG = classesBelow(FIXTURE + "wrong");

  private final ArchitectureRules right = ArchitectureRules.below(FIXTURE + "right");
  private final ArchitectureRules wrong = ArchitectureRules.below(FIXTURE + "wrong");

  @Test
  void rightPackagesPassEveryRule() {
    assertTrue(RIGHT.size() > 5, "the fixture was not found");
    right.packagesUseOnlyWhatTheirRowAllows().check(RIGHT);
    right.packagesAreFreeOfCycles().check(RIGHT);
    right.commonStandsAlone().check(RIGHT);
    right.publicSignaturesNameOnlyJdkAndPublicTypes().check(RIGHT);
    right.backEndsLeaveTheInternalsOfCoreAlone().check(RIGHT);
  }

  @Test
  void packagesThatDoNotExistYetAreNoViolation() {
    JavaClasses none = classesBelow(FIXTURE + "nothing.here");
    assertEquals(0, none.size());
    right.packagesUseOnlyWhatTheirRowAllows().check(none);
    right.packagesAreFreeOfCycles().check(none);
    right.commonStandsAlone().check(none);
    right.publicSignaturesNameOnlyJdkAndPublicTypes().check(none);
    right.backEndsLeaveTheInternalsOfCoreAlone().check(none);
  }

  @Test
  void eachUseAcrossTheTableIsCaughtAndNoOther() {
    List<String> details = violations(wrong.packagesUseOnlyWhatTheirRowAllows());
    assertEquals(
        Set.of(
            "tensor uses runtime",
            "shape uses execution",
            "calibrate uses the facade",
            "backend uses the facade",
            "backend uses execution",
            "rewrite.cleanup uses rewrite.layer",
            "unlisted has no row"),
        details.stream().map(this::inShort).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void theMessageOfAWrongUseSaysWhatTheRowMayUse() {
    String prefix = FIXTURE + "wrong.";
    String message = String.join("\n", violations(wrong.packagesUseOnlyWhatTheirRowAllows()));
    assertTrue(
        message.contains(prefix + "tensor may use only [" + prefix + "common], but "), message);
  }

  @Test
  void aCycleIsCaughtAndNamed() {
    String message = String.join("\n", violations(wrong.packagesAreFreeOfCycles()));
    assertTrue(message.contains("Cycle detected"), message);
    assertTrue(message.contains("wrong.tensor") && message.contains("wrong.runtime"), message);
  }

  @Test
  void aLibraryInCommonIsCaught() {
    List<String> details = violations(wrong.commonStandsAlone());
    assertFalse(details.isEmpty());
    assertTrue(details.stream().allMatch(line -> line.contains("UsesALibrary")), details::toString);
  }

  @Test
  void eachForeignTypeInAPublicSignatureIsCaughtAndNoOther() {
    String leaky = FIXTURE + "wrong.spi.Leaky";
    assertEquals(
        Set.of(
            leaky + " shows [" + FIXTURE + "wrong.spi.internal.Hidden]",
            leaky + ".field shows [org.HdrHistogram.Histogram]",
            leaky
                + ".<init>(com.google.protobuf.ByteString) shows [com.google.protobuf.ByteString]",
            leaky + ".generic() shows [com.fasterxml.jackson.databind.JsonNode]",
            leaky + ".throwing() shows [ai.onnxruntime.OrtException]",
            leaky
                + ".bounded(java.util.List) shows"
                + " [org.hipparchus.stat.descriptive.StreamingStatistics]",
            leaky + "$Nested.logger() shows [org.slf4j.Logger]",
            FIXTURE
                + "wrong.rewrite.layer.ShowsAPass.pass() shows ["
                + FIXTURE
                + "wrong.rewrite.cleanup.Pass]"),
        violations(wrong.publicSignaturesNameOnlyJdkAndPublicTypes()).stream()
            .map(line -> line.substring(0, line.indexOf(" to users")))
            .collect(Collectors.toSet()));
  }

  @Test
  void aBackEndThatUsesInternalsOfCoreIsCaught() {
    List<String> details = violations(wrong.backEndsLeaveTheInternalsOfCoreAlone());
    assertFalse(details.isEmpty());
    assertTrue(
        details.stream()
            .allMatch(line -> line.contains("ReachesTooFar") && line.contains("Hidden")),
        details::toString);
  }

  private static List<String> violations(ArchRule rule) {
    return rule.evaluate(WRONG).getFailureReport().getDetails();
  }

  private static JavaClasses classesBelow(String packageName) {
    return new ClassFileImporter().importPackages(packageName);
  }

  /** Shortens a violation to "user uses used", by the packages that its message names. */
  private String inShort(String violation) {
    if (violation.contains("without a row")) {
      return "unlisted has no row";
    }
    String description = violation.substring(violation.indexOf(", but ") + ", but ".length());
    List<String> rows =
        Pattern.compile(Pattern.quote(FIXTURE + "wrong.") + "(?:([a-z.]+)\\.)?[A-Z]")
            .matcher(description)
            .results()
            .map(ArchitectureRulesTest::rowOf)
            .distinct()
            .toList();
    return rows.get(0) + " uses " + rows.get(rows.size() - 1);
  }

  private static String rowOf(MatchResult match) {
    return match.group(1) == null ? "the facade" : match.group(1);
  }
}
