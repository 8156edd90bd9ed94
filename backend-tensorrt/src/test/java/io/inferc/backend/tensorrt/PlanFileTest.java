package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanFileTest {
  @TempDir Path folder;

  static BuildPlan plan(Path folder) {
    return new BuildPlan(
        folder.resolve("model é = #1.onnx"),
        true,
        folder.resolve("model.engine"),
        0,
        1,
        OptionalLong.of(1L << 33),
        true,
        HardwareCompatibility.AMPERE_PLUS,
        true,
        false,
        Optional.of(folder.resolve("timing.cache")),
        Optional.of("libnvinfer_builder_resource.so.10.6.0"),
        List.of(
            new BuildPlan.Profile(
                "online",
                List.of(
                    new BuildPlan.Sizes(
                        "input: ids\nof 日本",
                        List.of(1L, 8L),
                        List.of(8L, 128L),
                        List.of(32L, 512L)),
                    new BuildPlan.Sizes("", List.of(), List.of(), List.of()))),
            new BuildPlan.Profile("none", List.of())));
  }

  @Test
  void aPlanIsReadAsItWasWritten() throws IOException {
    BuildPlan plan = plan(folder);
    Path file = folder.resolve("plan.properties");
    PlanFile.write(plan, file);
    assertEquals(plan, PlanFile.read(file));
  }

  @Test
  void whatIsNotSetStaysNotSet() throws IOException {
    BuildPlan plan =
        new BuildPlan(
            folder.resolve("m.onnx"),
            false,
            folder.resolve("e"),
            3,
            5,
            OptionalLong.empty(),
            false,
            HardwareCompatibility.NONE,
            false,
            true,
            Optional.empty(),
            Optional.empty(),
            List.of());
    Path file = folder.resolve("plan.properties");
    PlanFile.write(plan, file);
    assertEquals(plan, PlanFile.read(file));
  }

  @Test
  void aFailureIsReadAsItWasWritten() throws IOException {
    BuildFailure failure =
        new BuildFailure(
            BuildFailure.Kind.PARSE,
            "line one\nline = two",
            new BuildFailure.At(7, "node #7", "Frobnicate"),
            List.of("first", "second: ünicode"));
    Path file = folder.resolve("failure.properties");
    PlanFile.writeFailure(failure, file);
    BuildFailure read = PlanFile.readFailure(file);
    assertEquals(failure.kind(), read.kind());
    assertEquals(failure.getMessage(), read.getMessage());
    assertEquals(failure.at(), read.at());
    assertEquals(failure.log(), read.log());
  }
}
