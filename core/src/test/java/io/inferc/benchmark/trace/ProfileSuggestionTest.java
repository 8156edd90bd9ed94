package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileSuggestionTest {
  private static final List<TensorSpec> TEXT =
      List.of(
          TensorSpec.of("ids", DataType.INT64, "1, length"),
          TensorSpec.of("mask", DataType.INT64, "1, length"));

  private final Map<RequestShapes, Long> seen = new LinkedHashMap<>();

  private static RequestShapes text(long length) {
    return new RequestShapes(Map.of("ids", List.of(1L, length), "mask", List.of(1L, length)));
  }

  private ProfileSuggestion suggestion(List<TensorSpec> inputs) {
    return ProfileSuggestion.of(inputs, seen, 8);
  }

  private static Range length(ProfileSuggestion suggestion, int profile) {
    return suggestion.profiles().get(profile).range("length").orElseThrow();
  }

  @Test
  void twoKindsOfLengthsGetAProfileEach() {
    // Around 32 and around 400.
    seen.put(text(30), 100L);
    seen.put(text(32), 700L);
    seen.put(text(33), 100L);
    seen.put(text(398), 20L);
    seen.put(text(400), 60L);
    seen.put(text(401), 20L);
    ProfileSuggestion suggestion = suggestion(TEXT);
    assertEquals(2, suggestion.profiles().size());
    assertEquals(new Range(30, 32, 33), length(suggestion, 0));
    assertEquals(new Range(34, 400, 401), length(suggestion, 1));
    assertEquals(List.of(900L, 100L), suggestion.steps().get(1).requests());
    // By hand, in tokens: 1,000 requests at 401, against 900 at 33 and 100 at 401.
    double one = 1000 * 401;
    double two = 900 * 33 + 100 * 401;
    double asked = 100 * 30 + 700 * 32 + 100 * 33 + 20 * 398 + 60 * 400 + 20 * 401;
    assertEquals(1 - two / one, suggestion.steps().get(1).gain(), 1e-12);
    assertEquals(1 - asked / one, suggestion.steps().get(0).padding(), 1e-12);
    assertEquals(1 - asked / two, suggestion.steps().get(1).padding(), 1e-12);
    assertEquals((700 * 32 + 60 * 400) / asked, suggestion.steps().get(1).atOptimum(), 1e-12);
    String said = suggestion.toString();
    assertTrue(said.contains("Suggested: 2, because the next would save"), said);
    assertTrue(said.contains("traced-2 {length 34..401 (opt 400)}: 10.0 % of requests"), said);
  }

  @Test
  void oneSizeGetsOneFixedProfile() {
    seen.put(text(128), 500L);
    ProfileSuggestion suggestion = suggestion(TEXT);
    assertEquals(
        List.of(ShapeProfile.named("traced-1").fixed("length", 128)), suggestion.profiles());
    assertEquals(0, suggestion.steps().get(0).padding());
    assertTrue(suggestion.toString().contains("leaves nothing to save"), suggestion.toString());
  }

  @Test
  void aRareOutlierWidensAProfileAndDoesNotSetItsOptimum() {
    seen.put(text(60), 600L);
    seen.put(text(64), 500L);
    seen.put(text(66), 1L);
    ProfileSuggestion suggestion = suggestion(TEXT);
    assertEquals(1, suggestion.profiles().size());
    assertEquals(new Range(60, 60, 66), length(suggestion, 0));
    seen.put(text(512), 1L);
    // 1,100 at 64 and 2 at 512 are less than 1,101 at 66 and 1 at 512.
    assertEquals(new Range(60, 60, 64), length(suggestion(TEXT), 0));
    assertEquals(new Range(65, 66, 512), length(suggestion(TEXT), 1));
  }

  @Test
  void theOrderAndScaleOfCountsDoNotMatter() {
    for (int i = 1; i <= 50; i++) {
      seen.put(text(i * i), 51L - i);
    }
    List<ShapeProfile> profiles = suggestion(TEXT).profiles();
    Map<RequestShapes, Long> other = new LinkedHashMap<>();
    for (int i = 50; i >= 1; i--) {
      other.put(text(i * i), 1000 * (51L - i));
    }
    assertEquals(profiles, ProfileSuggestion.of(TEXT, other, 8).profiles());
  }

  @Test
  void twoSymbolsAreGroupedTogether() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("ids", DataType.INT64, "batch, length"));
    // Many short ones at once, and single long ones; never many long ones.
    seen.put(new RequestShapes(Map.of("ids", List.of(32L, 16L))), 400L);
    seen.put(new RequestShapes(Map.of("ids", List.of(30L, 14L))), 300L);
    seen.put(new RequestShapes(Map.of("ids", List.of(1L, 500L))), 200L);
    seen.put(new RequestShapes(Map.of("ids", List.of(1L, 512L))), 300L);
    ProfileSuggestion suggestion = suggestion(inputs);
    assertEquals(2, suggestion.profiles().size());
    // 32 x 16 and 1 x 512 are as much work; the profile of the smaller batch is first.
    assertEquals(
        ShapeProfile.named("traced-1").range("batch", 1, 1, 1).range("length", 14, 512, 512),
        suggestion.profiles().get(0));
    assertEquals(
        ShapeProfile.named("traced-2").range("batch", 1, 32, 32).range("length", 14, 16, 16),
        suggestion.profiles().get(1));
    assertEquals(List.of(500L, 700L), suggestion.steps().get(1).requests());
  }

  @Test
  void dimensionsWithoutASymbolAreBoundByTheirInput() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("image", DataType.FLOAT32, "n, 3, ?"));
    seen.put(new RequestShapes(Map.of("image", List.of(1L, 3L, 224L))), 5L);
    seen.put(new RequestShapes(Map.of("image", List.of(2L, 3L, 230L))), 6L);
    ShapeProfile profile = ProfileSuggestion.of(inputs, seen, 1).profiles().get(0);
    assertEquals(new Range(1, 2, 2), profile.range("n").orElseThrow());
    assertEquals(
        List.of(new Range(1, 2, 2), Range.exactly(3), new Range(224, 230, 230)),
        profile.inputs().get("image"));
  }

  @Test
  void fixedShapesNeedNoProfile() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("x", DataType.FLOAT32, 1, 16));
    seen.put(new RequestShapes(Map.of("x", List.of(1L, 16L))), 5L);
    ProfileSuggestion suggestion = suggestion(inputs);
    assertEquals(List.of(), suggestion.profiles());
    assertTrue(suggestion.toString().contains("no profile is needed"), suggestion.toString());
  }

  @Test
  void requestsThatDoNotFitTheInputsAreLeftOutAndCounted() {
    seen.put(text(8), 5L);
    seen.put(new RequestShapes(Map.of("ids", List.of(1L, 9L), "mask", List.of(1L, 10L))), 3L);
    seen.put(new RequestShapes(Map.of("ids", List.of(2L, 9L), "mask", List.of(1L, 9L))), 2L);
    ProfileSuggestion suggestion = suggestion(TEXT);
    assertEquals(Range.exactly(8), length(suggestion, 0));
    assertEquals(5, suggestion.requests());
    assertEquals(5, suggestion.leftOut());
    assertTrue(suggestion.toString().contains("5 left out"), suggestion.toString());
  }

  @Test
  void nothingToGoByIsRefused() {
    assertThrows(InfercException.class, () -> suggestion(TEXT));
    seen.put(new RequestShapes(Map.of("ids", List.of(2L, 9L), "mask", List.of(1L, 9L))), 2L);
    assertThrows(InfercException.class, () -> suggestion(TEXT));
    assertThrows(IllegalArgumentException.class, () -> ProfileSuggestion.of(TEXT, seen, 0));
    seen.put(text(1), 0L);
    assertThrows(IllegalArgumentException.class, () -> suggestion(TEXT));
  }

  @Test
  void anInputOfSeveralRanksIsRefused() {
    List<TensorSpec> inputs =
        List.of(new TensorSpec("x", DataType.FLOAT32, TensorShape.unknownRank()));
    seen.put(new RequestShapes(Map.of("x", List.of(2L, 9L))), 2L);
    assertEquals(
        List.of(Range.exactly(2), Range.exactly(9)),
        suggestion(inputs).profiles().get(0).inputs().get("x"));
    seen.put(new RequestShapes(Map.of("x", List.of(2L))), 2L);
    assertThrows(InfercException.class, () -> suggestion(inputs));
  }

  @Test
  void manyDifferentSizesOfSeveralSymbolsAreGroupedSoonEnough() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("x", DataType.FLOAT32, "n, h, w"));
    for (long i = 0; i < 5000; i++) {
      seen.put(
          new RequestShapes(
              Map.of("x", List.of(1 + i % 8, 100 + i * 7919 % 900, 100 + i * 104729 % 700))),
          1 + i % 3);
    }
    ProfileSuggestion suggestion = suggestion(inputs);
    double last = 1;
    for (ProfileStep step : suggestion.steps()) {
      assertTrue(step.padding() <= last);
      last = step.padding();
    }
    assertEquals(8, suggestion.steps().size());
  }

  @Test
  void moreCombinationsThanAreGroupedAtOnceStillGetSeveralProfiles() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("x", DataType.FLOAT32, "n, h, w"));
    for (long n : new long[] {1, 4, 8, 16, 32, 64}) {
      for (long h = 32; h <= 2048; h *= 2) {
        for (long w = 32; w <= 2048; w *= 2) {
          seen.put(new RequestShapes(Map.of("x", List.of(n, h, w))), 1L);
        }
      }
    }
    assertEquals(294, seen.size());
    ProfileSuggestion suggestion = suggestion(inputs);
    assertEquals(8, suggestion.steps().size());
    double one = suggestion.steps().get(0).padding();
    double eight = suggestion.steps().get(7).padding();
    // Of what is padded to one profile, eight do less than a fifth.
    assertTrue((1 - one) / (1 - eight) < 0.2, one + " and " + eight);
    assertTrue(suggestion.profiles().size() > 1, suggestion.toString());
  }

  @Test
  void whatWasAskedForIsSaidOnlyOfSoMany() {
    List<TensorSpec> inputs = List.of(TensorSpec.of("x", DataType.FLOAT32, "n, length"));
    // So many of about the same size are one group from the beginning.
    for (long i = 0; i < 300; i++) {
      seen.put(new RequestShapes(Map.of("x", List.of(1L, 100_000 + i))), 1L);
    }
    String said = suggestion(inputs).toString();
    assertTrue(said.contains("Suggested: 1, because more would make no difference."), said);
    said = ProfileSuggestion.of(inputs, seen, 1).toString();
    assertTrue(said.contains("Suggested: 1, the most that were asked for."), said);
  }

  @Test
  void aRequestWithoutAnInputOfUnknownRankIsLeftOut() {
    List<TensorSpec> inputs =
        List.of(
            new TensorSpec("x", DataType.FLOAT32, TensorShape.unknownRank()),
            TensorSpec.of("y", DataType.FLOAT32, "n"));
    seen.put(new RequestShapes(Map.of("x", List.of(2L, 9L), "y", List.of(4L))), 2L);
    seen.put(new RequestShapes(Map.of("y", List.of(5L))), 3L);
    ProfileSuggestion suggestion = suggestion(inputs);
    assertEquals(2, suggestion.requests());
    assertEquals(3, suggestion.leftOut());
    assertEquals(
        List.of(Range.exactly(2), Range.exactly(9)),
        suggestion.profiles().get(0).inputs().get("x"));
  }

  @Test
  void aTraceGivesProfilesWithoutItsFailedRequests(@TempDir Path folder) {
    RecordedModels.record(folder, TraceOptions.defaults(), 50);
    ProfileSuggestion suggestion = ProfileSuggestion.of(Trace.read(folder));
    assertEquals(50, suggestion.requests());
    assertEquals(Range.exactly(1), suggestion.profiles().get(0).range("batch").orElseThrow());
  }
}
