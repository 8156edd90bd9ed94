package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.EditedManifest;
import io.inferc.execution.internal.SavedModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Fingerprint;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelTest {
  private static final ShapeProfile ONE = TestModels.rows("one", 1, 1, 1);
  private static final ShapeProfile SOME = TestModels.rows("some", 2, 4, 8);

  @TempDir Path folder;
  private Path saved;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @BeforeEach
  void save() {
    saved = folder.resolve("saved");
    try (CompiledModel model = TestModels.compile(ContractModels.dense(), ONE, SOME)) {
      model.save(saved);
    }
  }

  private static void assertRight(CompiledModel model, int rows) {
    float[] values = new float[rows * 3];
    values[0] = 2;
    try (Tensor x = Tensor.of(values, rows, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
    }
  }

  @Test
  void eachProfileHasItsBlobAndAllAreLoaded() {
    assertTrue(Files.exists(SavedModel.payload(saved).resolve("model-1.blob")));
    try (CompiledModel loaded = Inferc.load(saved)) {
      assertRight(loaded, 1);
      assertRight(loaded, 7);
      assertEquals("[x: FLOAT32[rows, 3]]", loaded.inputs().toString());
      assertEquals("[y: FLOAT32[rows, 2]]", loaded.outputs().toString());
    }
  }

  @Test
  void aLoadedModelOutlivesItsFiles() throws IOException {
    try (CompiledModel loaded = Inferc.load(saved)) {
      Files.write(SavedModel.payload(saved).resolve("model-0.blob"), new byte[10]);
      Files.delete(SavedModel.payload(saved).resolve("model-1.blob"));
      assertRight(loaded, 1);
      assertRight(loaded, 4);
    }
  }

  @Test
  void aLoadedModelCanBeSavedAgain() {
    Path again = folder.resolve("again");
    try (CompiledModel loaded = Inferc.load(saved)) {
      loaded.save(again);
    }
    try (CompiledModel loaded = Inferc.load(again)) {
      assertRight(loaded, 5);
    }
  }

  @Test
  void theCallersOptionsHoldForALoadedModel() {
    Target two = Target.openVino().options(OpenVinoOptions.builder().streams(2).build());
    try (CompiledModel loaded = Inferc.load(saved, two)) {
      assertRight(loaded, 3);
    }
  }

  @Test
  void oneChangedByteOfABlobIsRefusedBeforeOpenVinoSeesIt() throws IOException {
    Path blob = SavedModel.payload(saved).resolve("model-1.blob");
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob, bytes);
    assertSays(assertThrows(InfercException.class, () -> Inferc.load(saved)), "model-1.blob");
  }

  @Test
  void blobsThatDoNotBelongTogetherAreRefused() throws IOException {
    Path other = folder.resolve("other");
    try (CompiledModel model =
        TestModels.compile(
            ContractModels.sumAndDifference(), ShapeProfile.named("p").fixed("batch", 2))) {
      model.save(other);
    }
    Files.copy(
        SavedModel.payload(other).resolve("model-0.blob"),
        SavedModel.payload(saved).resolve("model-0.blob"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThrows(InfercException.class, () -> Inferc.load(saved));
  }

  @Test
  void aBlobOfAnotherVersionDeviceOrProcessorIsRefusedWithWhatDiffers() {
    OpenVinoBackend backend = new OpenVinoBackend(OpenVinoRuntime.get());
    Target.Choice choice = Target.openVino().choices().get(0);
    Fingerprint here = backend.fingerprint(choice);
    assertInstanceOf(ArtifactCheck.Fits.class, backend.checkArtifact(here, choice));
    assertRefused(
        backend,
        choice,
        Fingerprint.of(here.backend(), "2024.0.0-1", here.device(), here.properties()),
        "2024.0.0-1",
        here.backendVersion());
    assertRefused(
        backend,
        choice,
        Fingerprint.of(here.backend(), here.backendVersion(), "GPU.1", here.properties()),
        "GPU.1",
        "CPU");
    Map<String, String> properties = new TreeMap<>(here.properties());
    properties.put("device.CPU", "An abacus");
    assertRefused(
        backend,
        choice,
        Fingerprint.of(here.backend(), here.backendVersion(), here.device(), properties),
        "An abacus");
    assertRefused(
        backend,
        choice,
        Fingerprint.of("onnxruntime", here.backendVersion(), here.device(), here.properties()),
        "onnxruntime");
  }

  @Test
  void loadingSaysWhatDiffersAndHowToGetAModelThatFits() throws IOException {
    String version = OpenVinoRuntime.get().version();
    EditedManifest.replace(saved, version, "2024.0.0-1");
    InfercException e = assertThrows(InfercException.class, () -> Inferc.load(saved));
    assertSays(e, "2024.0.0-1");
    assertSays(e, version);
    assertTrue(e.remedy().contains("Compile the source model"), e.remedy());
  }

  private static void assertRefused(
      OpenVinoBackend backend, Target.Choice choice, Fingerprint saved, String... words) {
    ArtifactCheck.Refused refused =
        assertInstanceOf(ArtifactCheck.Refused.class, backend.checkArtifact(saved, choice));
    for (String word : words) {
      assertTrue(refused.reason().contains(word), refused.reason());
    }
  }

  private static void assertSays(Throwable e, String word) {
    assertTrue(e.getMessage().contains(word), e.getMessage());
  }
}
