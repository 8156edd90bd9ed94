package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsTest {
  @TempDir Path folder;

  private static List<KernelInfo> kernels(OnnxModel model) {
    return kernels(model, Target.onnxRuntime());
  }

  private static List<KernelInfo> kernels(OnnxModel model, Target target) {
    try (CompiledModel compiled = Compiler.forTarget(target).build().compile(model)) {
      return compiled.kernels();
    }
  }

  private static KernelInfo only(List<KernelInfo> kernels, String type) {
    List<KernelInfo> found = kernels.stream().filter(k -> k.type().equals(type)).toList();
    assertEquals(1, found.size(), type + " in " + kernels);
    return found.get(0);
  }

  @Test
  void aQuantizedConvolutionIsOneIntegerKernelOfAllItsNodes() {
    OnnxModel model = new QuantizedModels().pair("x").conv("c", "x_dq").pair("c").returning("c_dq");
    List<KernelInfo> kernels = kernels(model);
    assertEquals(
        List.of("QuantizeLinear", "QLinearConv", "DequantizeLinear"),
        kernels.stream().filter(k -> !k.nodes().isEmpty()).map(KernelInfo::type).toList());
    KernelInfo conv = only(kernels, "QLinearConv");
    assertEquals(Optional.of("INT8"), conv.precision());
    assertEquals(Set.of("dq_x", "dq_w_c", "n_c", "q_c"), new HashSet<>(conv.nodes()));
    assertEquals(List.of("q_x"), only(kernels, "QuantizeLinear").nodes());
    assertEquals(List.of("dq_c"), only(kernels, "DequantizeLinear").nodes());
  }

  @Test
  void aRequestTellsHowLongEachKernelTakes() {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    try (CompiledModel compiled =
            Compiler.forTarget(Target.onnxRuntime())
                .precision(Precision.int8Dynamic())
                .build()
                .compile(model);
        Tensor ids = Tensor.of(new long[] {101, 7592, 2088, 102}, 1, 4);
        Tensor mask = Tensor.of(new long[] {1, 1, 1, 1}, 1, 4);
        Tensor types = Tensor.of(new long[4], 1, 4)) {
      List<KernelInfo> plain = compiled.kernels();
      List<KernelInfo> timed =
          compiled.kernels(
              Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types));
      assertEquals(
          plain.stream().map(KernelInfo::name).toList(),
          timed.stream().map(KernelInfo::name).toList());
      assertTrue(plain.stream().allMatch(k -> k.timeMillis().isEmpty()));
      List<KernelInfo> products =
          timed.stream()
              .filter(k -> k.precision().equals(Optional.of("INT8")) && k.type().contains("MatMul"))
              .toList();
      assertEquals(36, products.size());
      for (KernelInfo k : products) {
        double millis = k.timeMillis().orElseThrow();
        assertTrue(millis > 0 && millis < 1000, k.toString());
      }
      assertThrows(
          IllegalArgumentException.class, () -> compiled.kernels(Map.of("input_ids", ids)));
    }
  }

  @Test
  void aChainOfIntegerKernelsIsTakenApartThoughLayoutsChangeInside() {
    OnnxModel model =
        new QuantizedModels()
            .pair("x")
            .conv("c", "x_dq")
            .node("Relu", "r", "c")
            .pair("r", "zero_relu")
            .conv("d", "r_dq")
            .pair("d")
            .node("Add", "s", "r_dq", "d_dq")
            .pair("s")
            .conv("e", "s_dq")
            .pair("e")
            .returning("e_dq");
    List<KernelInfo> kernels = kernels(model).stream().filter(k -> !k.nodes().isEmpty()).toList();
    assertEquals(
        List.of(
            "QuantizeLinear",
            "QLinearConv",
            "QLinearConv",
            "QLinearAdd",
            "QLinearConv",
            "DequantizeLinear"),
        kernels.stream().map(KernelInfo::type).toList());
    assertEquals(Set.of("dq_r", "dq_w_d", "n_d", "q_d"), new HashSet<>(kernels.get(2).nodes()));
    assertTrue(kernels.get(3).nodes().containsAll(List.of("dq_d", "n_s", "q_s")));
  }

  @Test
  void withoutOptimizationEachNodeIsItsOwnKernel() {
    OnnxModel model = SmallModels.perceptron(4, 8, 2, 1);
    List<KernelInfo> kernels =
        kernels(
            model,
            Target.onnxRuntime()
                .options(OnnxRuntimeOptions.builder().optimization(Optimization.NONE).build()));
    assertEquals(
        List.of(List.of("fc1"), List.of("relu1"), List.of("fc2")),
        kernels.stream().map(KernelInfo::nodes).toList());
    assertEquals(Optional.of("FLOAT32"), kernels.get(0).precision());
    List<KernelInfo> fused = kernels(model);
    assertEquals(List.of("fc1", "relu1"), only(fused, "FusedGemm").nodes());
  }

  @Test
  void aNodeWithoutANameIsCalledByItsTensor() {
    List<KernelInfo> kernels = kernels(SmallModels.addConstant(3));
    assertEquals(List.of("y"), only(kernels, "Add").nodes());
  }

  @Test
  void ofRealModelsNearlyEveryNodeBelongsToExactlyOneKernel() {
    for (RealModels real :
        List.of(RealModels.MINILM, RealModels.OCR_RECOGNITION, RealModels.OCR_CLASSIFICATION)) {
      OnnxModel model = OnnxModel.load(real.path());
      List<KernelInfo> kernels = kernels(model);
      List<String> covered = kernels.stream().flatMap(k -> k.nodes().stream()).toList();
      Set<String> distinct = new HashSet<>(covered);
      assertEquals(distinct.size(), covered.size(), real + ": a node is in two kernels");
      // The rest computes shapes, which is folded or shared.
      Set<String> layers = Set.of("Conv", "MatMul", "Softmax", "BatchNormalization", "Add");
      Set<String> missing =
          model.graph().nodes().stream()
              .filter(n -> layers.contains(n.opType()))
              .map(Node::label)
              .filter(n -> !distinct.contains(n))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(Set.of(), missing, real.toString());
      assertEquals(kernels.size(), kernels.stream().map(KernelInfo::name).distinct().count());
      assertTrue(kernels.stream().allMatch(k -> k.precision().isPresent()), real.toString());
    }
  }

  @Test
  void layerNormalizationAndGeluAreFoundAsTheNodesTheyWereMadeOf() {
    List<KernelInfo> kernels = kernels(OnnxModel.load(RealModels.MINILM.path()));
    List<KernelInfo> norms =
        kernels.stream().filter(k -> k.type().equals("LayerNormalization")).toList();
    assertEquals(13, norms.size());
    norms.forEach(k -> assertEquals(9, k.nodes().size(), k.toString()));
    kernels.stream()
        .filter(k -> k.type().equals("BiasGelu"))
        .forEach(k -> assertEquals(6, k.nodes().size(), k.toString()));
  }

  @Test
  void aLoadedModelListsItsKernelsToo() {
    Path saved = folder.resolve("saved");
    OnnxModel model = SmallModels.perceptron(4, 8, 2, 1);
    List<KernelInfo> before;
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      before = compiled.kernels();
      compiled.save(saved);
    }
    try (CompiledModel loaded = Inferc.load(saved)) {
      assertEquals(
          before.stream().map(KernelInfo::type).toList(),
          loaded.kernels().stream().map(KernelInfo::type).toList());
    }
  }

  @Test
  void askingAfterCloseIsRefused() {
    CompiledModel compiled =
        Compiler.forTarget(Target.onnxRuntime()).build().compile(SmallModels.addConstant(3));
    assertEquals(1, compiled.kernels().size());
    compiled.close();
    assertThrows(ResourceClosedException.class, compiled::kernels);
  }

  @Test
  void temporaryFilesAreDeletedWithTheirFolder() throws IOException {
    Path path;
    try (TemporaryFolder temporary = TemporaryFolder.create("test", Stage.COMPILE)) {
      path = temporary.path();
      Files.writeString(path.resolve("a"), "x");
      Files.writeString(path.resolve("b"), "y");
    }
    assertTrue(Files.notExists(path), path.toString());
  }
}
