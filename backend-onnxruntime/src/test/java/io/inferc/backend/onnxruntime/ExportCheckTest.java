package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is exported passes the full check of the ONNX project's Python package. */
class ExportCheckTest {
  private static final String PYTHON = System.getProperty("inferc.python", "python3");
  private static final String CHECK =
      """
      import sys, onnx
      failed = False
      for path in sys.argv[1:]:
          try:
              onnx.checker.check_model(path, full_check=True)
          except Exception as e:
              failed = True
              print(path, str(e)[:600])
      sys.exit(1 if failed else 0)
      """;

  @TempDir Path folder;

  private final List<String> files = new ArrayList<>();

  private record Ended(int exitCode, String output) {}

  private Ended python(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(PYTHON));
    command.addAll(arguments);
    Path log = folder.resolve("python.log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      return new Ended(-1, e.toString());
    }
    try {
      assertTrue(process.waitFor(5, TimeUnit.MINUTES), "Python did not end");
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(log));
  }

  @BeforeEach
  void skipWithoutThePackage() throws Exception {
    Ended found = python(List.of("-c", "import onnx"));
    Assumptions.assumeTrue(
        found.exitCode() == 0,
        () ->
            "The Python package onnx cannot be imported here (pip install onnx; another Python is"
                + " chosen with -Dinferc.python=…): "
                + found.output());
  }

  private void export(String name, OnnxModel model, Precision precision) {
    Path file = folder.resolve(name + ".onnx");
    Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().export(model, file);
    files.add(file.toString());
  }

  private void exportAll(String name, OnnxModel model) {
    export(name + "-fp32", model, Precision.fp32());
    export(name + "-fp16", model, Precision.fp16());
    export(name + "-dynamic", model, Precision.int8Dynamic());
  }

  private void check() throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-c", CHECK));
    arguments.addAll(files);
    Ended ended = python(arguments);
    assertEquals(0, ended.exitCode(), ended.output());
  }

  @Test
  void smallModels() throws Exception {
    exportAll("network", PrecisionTest.network());
    exportAll("perceptron", SmallModels.perceptron(64, 128, 8, 1));
    exportAll("branches", SmallModels.branches());
    Dataset samples =
        Dataset.generated(8, i -> Map.of("x", Tensor.of(PrecisionTest.random(i, 64, 1), 1, 64)));
    export("perceptron-int8", SmallModels.perceptron(64, 128, 8, 1), Precision.int8(samples));
    check();
  }

  @Test
  void realModels() throws Exception {
    OnnxModel angles = OnnxModel.load(RealModels.OCR_CLASSIFICATION.copyTo(folder.resolve("a")));
    exportAll("angles", angles);
    Dataset images =
        Dataset.generated(4, i -> Map.of("x", Tensor.allocate(DataType.FLOAT32, 1, 3, 48, 192)));
    export("angles-int8", angles, Precision.int8(images));
    OnnxModel texts = OnnxModel.load(RealModels.MINILM.copyTo(folder.resolve("t")));
    export("texts-dynamic", texts, Precision.int8Dynamic());
    export("texts-fp16", texts, Precision.fp16());
    assertTrue(
        OnnxModel.load(folder.resolve("texts-dynamic.onnx")).graph().nodes().stream()
            .anyMatch(n -> n.opType().equals("If")),
        "attention in two forms");
    check();
  }
}
