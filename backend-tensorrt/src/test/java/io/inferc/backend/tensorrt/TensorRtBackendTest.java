package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Capabilities;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.LoadRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the back end decides before TensorRT is asked. */
class TensorRtBackendTest {
  private final FakeLibraries machine = new FakeLibraries();
  private final TensorRtBackend backend = new TensorRtBackend(machine);

  private static Target.Choice choice() {
    return Target.tensorRt().choices().get(0);
  }

  private static Target.Choice choice(TensorRtOptions options) {
    return Target.tensorRt().options(options).choices().get(0);
  }

  private static CompileRequest request(
      ModelSource source, Cancellation cancellation, ShapeProfile... profiles) {
    return new CompileRequest(
        source,
        "m",
        choice(),
        List.of(profiles),
        PrecisionPlan.fp32(),
        false,
        ProgressListener.none(),
        cancellation);
  }

  private InfercException refused(OnnxModel model, ShapeProfile... profiles) {
    try (ModelSource source = ModelSource.of(model)) {
      return assertThrows(
          InfercException.class,
          () -> backend.compile(request(source, new Cancellation(), profiles)).close());
    }
  }

  @Test
  void theCapabilitiesAreThoseOfAStronglyTypedNetwork() {
    Capabilities can = backend.capabilities(choice());
    assertEquals(PrecisionSupport.IN_MODEL, can.precisions().get(NumericPrecision.FP32));
    assertEquals(PrecisionSupport.HINT, can.precisions().get(NumericPrecision.TF32));
    for (NumericPrecision typed :
        List.of(NumericPrecision.FP16, NumericPrecision.BF16, NumericPrecision.INT8)) {
      assertEquals(PrecisionSupport.IN_MODEL, can.precisions().get(typed));
    }
    assertFalse(can.precisions().containsKey(NumericPrecision.INT8_DYNAMIC));
    assertEquals(PrecisionSupport.IN_MODEL, can.precisions().get(NumericPrecision.WEIGHTS4));
    assertFalse(can.precisions().containsKey(NumericPrecision.WEIGHTS8));
    assertEquals(MemoryKind.PINNED, can.bufferMemory());
    assertEquals(Set.of(MemoryKind.values()), can.memoryKinds());
    assertEquals(DynamicShapes.WITHIN_PROFILES, can.dynamicShapes());
    assertFalse(can.dataDependentOutputs());
    assertFalse(can.intermediateOutputs());
    assertTrue(can.savable());
    assertTrue(can.dataTypes().contains(DataType.BFLOAT16));
    assertFalse(can.dataTypes().contains(DataType.FLOAT64));
  }

  @Test
  void anOlderGpuLacksWhatCameWithAmpere() {
    machine.gpus = List.of(new GpuInfo(0, "Tesla T4", 7, 5, 16L << 30));
    Capabilities can = new TensorRtBackend(machine).capabilities(choice());
    assertFalse(can.precisions().containsKey(NumericPrecision.TF32));
    assertFalse(can.precisions().containsKey(NumericPrecision.BF16));
    assertTrue(can.precisions().containsKey(NumericPrecision.FP16));
    assertFalse(can.dataTypes().contains(DataType.BFLOAT16));
  }

  @Test
  void theDialectIsSymmetricWithFloatBiasesAndNoTinyOrWeightlessProducts() {
    QuantizationDialect dialect =
        backend.capabilities(choice()).preferredForm().dialect().orElseThrow();
    assertEquals("tensorrt", dialect.name());
    assertEquals(DataType.INT8, dialect.activationType());
    assertTrue(dialect.symmetricActivations());
    assertTrue(dialect.perChannelWeights());
    assertFalse(dialect.kernels().dynamic());
    assertTrue(dialect.halfPrecisionScales());
    assertFalse(dialect.halfPrecisionEpilogues());
    assertEquals(Set.of("Conv", "ConvTranspose", "Gemm", "MatMul"), dialect.kernels().operators());
    assertEquals(16, dialect.kernels().minimumReduction());
    assertFalse(dialect.kernels().activationProducts());
    assertEquals(QuantizationDialect.BiasRule.FLOAT, dialect.biasRule());
    assertEquals(QuantizationDialect.ResidualRule.SKIP_ONLY, dialect.residualRule());
    assertEquals(QuantizationDialect.OutputRule.AS_READ, dialect.outputRule());
  }

  @Test
  void anUnknownDeviceIsRefusedWithThoseThereAre() {
    Target.Choice nowhere = Target.tensorRt().device("cuda:7").choices().get(0);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> backend.capabilities(nowhere));
    assertTrue(e.getMessage().contains("cuda:7"), e.getMessage());
    assertTrue(e.getMessage().contains("cuda:0 (NVIDIA H200)"), e.getMessage());
  }

  @Test
  void optionsOfAnotherClassAreRefused() {
    BackendOptions foreign =
        new BackendOptions() {
          @Override
          public String backend() {
            return Target.TENSORRT;
          }

          @Override
          public SortedMap<String, String> describe() {
            return new TreeMap<>();
          }
        };
    Target.Choice choice = new Target.Choice("tensorrt", Optional.empty(), Optional.of(foreign));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> backend.capabilities(choice))
            .getMessage()
            .contains("TensorRtOptions"));
  }

  @Test
  void compatibilityThatOnlyElevenHasIsRefusedByTen() {
    Target.Choice wanted =
        choice(
            TensorRtOptions.builder()
                .hardwareCompatibility(HardwareCompatibility.SAME_COMPUTE_CAPABILITY)
                .build());
    InfercException e = assertThrows(InfercException.class, () -> backend.capabilities(wanted));
    assertTrue(e.getMessage().contains("10.6.0"), e.getMessage());
    machine.library = new TensorRtVersion(11, 2, 1);
    assertTrue(backend.capabilities(wanted).savable());
  }

  @Test
  void typesThatCannotBePassedAreRefusedByName() {
    ShapeProfile n = ShapeProfile.named("p").range("n", 1, 2, 4);
    for (DataType type : List.of(DataType.FLOAT64, DataType.STRING, DataType.UINT8)) {
      InfercException e = refused(ContractModels.identity(type), n);
      assertTrue(e.getMessage().contains("'x'") || e.getMessage().contains("x:"), e.getMessage());
      assertTrue(e.getMessage().contains(type.toString()), e.getMessage());
      assertTrue(e.remedy().contains("FLOAT32"), e.remedy());
    }
  }

  @Test
  void anOpenShapeWithoutAProfileIsRefused() {
    assertTrue(refused(ContractModels.dense()).getMessage().contains("profile"));
  }

  @Test
  void whatWouldComeOutWrongIsRefusedBeforeABuild() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 4, 4))
                .node(
                    Node.builder("AveragePool")
                        .inputs("x")
                        .outputs("y")
                        .attribute(Attribute.ofInts("kernel_shape", 3, 3))
                        .attribute(Attribute.ofInts("pads", 1, 1, 1, 1))
                        .attribute(Attribute.of("ceil_mode", 1))
                        .attribute(Attribute.of("count_include_pad", 1))
                        .build())
                .output(TensorSpec.of("y", DataType.FLOAT32, 1, 1, 4, 4))
                .build(),
            17);
    assertTrue(refused(model).getMessage().contains("count_include_pad"));
  }

  @Test
  void aCancelledRequestStartsNoBuild() {
    Cancellation cancelled = new Cancellation();
    cancelled.cancel();
    try (ModelSource source = ModelSource.of(ContractModels.dense())) {
      CompileRequest request =
          request(source, cancelled, ShapeProfile.named("p").range("rows", 1, 2, 4));
      assertThrows(CancelledException.class, () -> backend.compile(request).close());
    }
  }

  @Test
  void aSavedModelOfAnotherMachineIsRefusedAndItsOwnIsNot() {
    var here = backend.fingerprint(choice());
    assertInstanceOf(ArtifactCheck.Fits.class, backend.checkArtifact(here, choice()));
    machine.gpus = List.of(new GpuInfo(0, "NVIDIA L4", 8, 9, 24L << 30));
    var elsewhere = new TensorRtBackend(machine);
    assertInstanceOf(ArtifactCheck.Refused.class, elsewhere.checkArtifact(here, choice()));
  }

  @Test
  void aFolderWithoutAnEngineIsRefusedBeforeTensorRtSeesIt(@TempDir Path folder) {
    InfercException e =
        assertThrows(
            InfercException.class,
            () ->
                backend
                    .load(folder, new LoadRequest("m", choice(), List.of(), ModelLimits.defaults()))
                    .close());
    assertTrue(e.getMessage().contains(SavedEngine.SIGNATURE), e.getMessage());
  }

  @Test
  void hostMemoryIsHadWithoutADevice() {
    assertEquals(MemoryKind.HOST, backend.allocator(MemoryKind.HOST, choice()).memoryKind());
    assertEquals(
        Map.of(MemoryKind.PINNED, MemoryKind.PINNED, MemoryKind.DEVICE, MemoryKind.DEVICE),
        Map.of(
            MemoryKind.PINNED,
            backend.allocator(MemoryKind.PINNED, choice()).memoryKind(),
            MemoryKind.DEVICE,
            backend.allocator(MemoryKind.DEVICE, choice()).memoryKind()));
  }
}
