package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.SavedModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Range;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.Fingerprint;
import io.inferc.tensor.DataType;
import io.inferc.testing.ContractModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Programs, sessions and saved models beyond the contract, on the target under test. */
class MigraphxSessionTest extends OnTheLibrary {
  @Test
  void theVersionIsReadFromTheLibrary() {
    Availability found = new MigraphxProvider().probe();
    String version = ((Availability.Available) found).version();
    assertTrue(version.matches("\\d+\\.\\d+\\.\\d+.*"), version);
    assertTrue(MigraphxLibrary.atLeast(version, 2, 10), version);
  }

  @Test
  void everyElementTypeIsAsWideInTheLibraryAsHere() throws MigraphxCallException {
    for (DataType type : library.types().types()) {
      long shape = NativeShape.create(library.types().code(type), new long[] {3});
      try {
        NativeShape found = NativeShape.read(library.types(), shape);
        assertEquals(type, found.type());
        assertEquals(3L * type.bitWidth() / 8, found.bytes(), type.toString());
      } finally {
        MigraphxApi.migraphx_shape_destroy(shape);
      }
    }
  }

  @Test
  void dimensionsThatNoProfileBindsTakeTheDefaultRange() {
    Target standard = options(MigraphxOptions.builder().defaultRange(new Range(1, 2, 4)));
    try (CompiledModel model = compile(standard, ContractModels.dense());
        InferenceSession session = model.newSession()) {
      for (int rows : new int[] {2, 4, 1}) {
        assertDense(session, rows);
      }
      InfercException e = assertThrows(InfercException.class, () -> assertDense(session, 5));
      assertTrue(e.problem().contains("1..4 (opt 2)"), e.problem());
      assertDense(session, 3);
    }
  }

  @Test
  void aGpuThatIsNotThereIsUnavailableThoughRefIsThere() {
    if (library.targets().hip().isEmpty()) {
      BackendUnavailableException e =
          assertThrows(
              BackendUnavailableException.class,
              () -> Compiler.forTarget(Target.migraphx().device("gpu")).build());
      assertTrue(e.problem().contains("'gpu'"), e.problem());
      assertTrue(e.remedy().contains("ref"), e.remedy());
    } else {
      Compiler.forTarget(Target.migraphx().device("gpu")).build();
    }
    compile(TARGET, ContractModels.dense(), rows(1, 1, 2)).close();
  }

  @Test
  void programsBeyondTheBoundAreDroppedAndCompiledAgain() {
    Target few = options(MigraphxOptions.builder().programs(1));
    try (CompiledModel model = compile(few, ContractModels.dense(), rows(1, 2, 8));
        InferenceSession session = model.newSession();
        InferenceSession other = model.newSession()) {
      assertDense(other, 5);
      for (int rows : new int[] {1, 2, 3, 1, 8, 2}) {
        assertDense(session, rows);
        assertDense(other, 5);
      }
    }
  }

  @Test
  void oneProgramWithOpenDimensionsServesAProfile() {
    Target open = options(MigraphxOptions.builder().openDimensions(true));
    try (CompiledModel model = compile(open, ContractModels.dense(), rows(1, 2, 8));
        InferenceSession session = model.newSession()) {
      for (int rows : new int[] {1, 8, 3, 2}) {
        assertDense(session, rows);
      }
      model.save(folder.resolve("open"));
    }
    try (Stream<Path> files = Files.list(SavedModel.payload(folder.resolve("open")))) {
      assertEquals(1, files.filter(f -> f.toString().endsWith(".mxr")).count());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCancelledCompilationStopsBeforeTheNextProgram() {
    Cancellation cancellation = new Cancellation();
    Compiler compiler =
        Compiler.forTarget(TARGET)
            .profile(rows(1, 1, 1))
            .profile(rows(2, 2, 2))
            .cancellation(cancellation)
            .progress(
                (stage, what, done, total) -> {
                  if (done == 1 && total == 2) {
                    cancellation.cancel();
                  }
                })
            .build();
    assertThrows(CancelledException.class, () -> compiler.compile(ContractModels.dense()).close());
  }

  @Test
  void savedProgramsOfAllSizesAreLoadedAndOthersStillCompiled() throws IOException {
    Path saved = folder.resolve("saved");
    try (CompiledModel model =
            compile(TARGET, ContractModels.dense(), rows(1, 2, 4), rows(8, 8, 16));
        InferenceSession session = model.newSession()) {
      assertDense(session, 3);
      model.save(saved);
    }
    try (Stream<Path> files = Files.list(SavedModel.payload(saved))) {
      assertEquals(3, files.filter(f -> f.toString().endsWith(".mxr")).count());
    }
    try (CompiledModel loaded = Inferc.load(saved);
        InferenceSession session = loaded.newSession()) {
      for (int rows : new int[] {3, 2, 8, 1, 16}) {
        assertDense(session, rows);
      }
    }
  }

  @Test
  void aProgramOfAnotherVersionTargetOrOptionIsRefusedBeforeMigraphxReadsIt() {
    MigraphxBackend backend = new MigraphxBackend(library);
    Target.Choice ref = Target.migraphx().device("ref").choices().get(0);
    Fingerprint here = backend.fingerprint(ref);
    assertEquals(new ArtifactCheck.Fits(), backend.checkArtifact(here, ref));
    Map<String, String> properties = new TreeMap<>(here.properties());
    properties.put("target", "gpu");
    properties.put("gpu", "AMD Instinct MI300X");
    for (Fingerprint other :
        List.of(
            Fingerprint.of("openvino", here.backendVersion(), "ref", here.properties()),
            Fingerprint.of(here.backend(), "2.9.0", "ref", here.properties()),
            Fingerprint.of(here.backend(), here.backendVersion(), "gpu:0", properties))) {
      var refused = (ArtifactCheck.Refused) backend.checkArtifact(other, ref);
      assertTrue(refused.remedy().contains("save"), refused.remedy());
    }
    Target.Choice fast =
        Target.migraphx()
            .device("ref")
            .options(MigraphxOptions.builder().fastMath(true).build())
            .choices()
            .get(0);
    assertTrue(backend.checkArtifact(here, fast) instanceof ArtifactCheck.Refused);
  }
}
