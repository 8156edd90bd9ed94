package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real children; what they stand for is said by their first argument. */
@Timeout(120)
class IsolatedBuildTest {
  @TempDir Path folder;

  private final BuildLog log = new BuildLog("m", ProgressListener.none());
  private final Cancellation cancellation = new Cancellation();
  private final List<BuildPhase> phases = new ArrayList<>();

  private BuildPlan plan() {
    return new BuildPlan(
        folder.resolve("model.onnx"),
        true,
        folder.resolve("model.engine"),
        0,
        1,
        OptionalLong.empty(),
        false,
        HardwareCompatibility.NONE,
        false,
        true,
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private IsolatedBuild build(String behaviour, Path... libraryFolders) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>(IsolatedBuild.command(classPath));
    command.set(command.size() - 1, Child.class.getName());
    command.add(behaviour);
    return new IsolatedBuild(command, List.of(libraryFolders), log, cancellation);
  }

  /** Does what it is told instead of building. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      BuildPlan plan = PlanFile.read(Path.of(args[1]));
      System.out.println(BuildWorker.LOG_MARK + "3 Detected 1 inputs and 1 output");
      System.out.println(BuildWorker.LOG_MARK + "1 something went wrong");
      System.out.println("a line of somebody else's");
      switch (args[0]) {
        case "build" ->
            Files.writeString(plan.engine(), String.valueOf(System.getenv("LD_LIBRARY_PATH")));
        case "fail" -> {
          PlanFile.writeFailure(
              new BuildFailure(BuildFailure.Kind.PROFILE, "too large"), Path.of(args[2]));
          System.exit(BuildWorker.FAILED);
        }
        case "crash" -> Runtime.getRuntime().halt(134);
        case "hang" -> Thread.sleep(Long.MAX_VALUE);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  @Test
  void anEngineComesBackAndTheLogWasHeardOnTheWay() throws Exception {
    build("build").run(plan(), folder, phases::add);
    assertTrue(Files.exists(folder.resolve("model.engine")));
    assertTrue(phases.contains(BuildPhase.ASSEMBLE), phases.toString());
    assertEquals(List.of("something went wrong"), log.complaints());
  }

  @Test
  void theChildsLoaderLooksThroughTheFoldersFirst() throws Exception {
    build("build", folder.resolve("a"), folder.resolve("b")).run(plan(), folder, phases::add);
    String path = Files.readString(folder.resolve("model.engine"));
    assertTrue(path.startsWith(folder.resolve("a") + ":" + folder.resolve("b")), path);
  }

  @Test
  void aFailureArrivesAsItWas() {
    BuildFailure e =
        assertThrows(BuildFailure.class, () -> build("fail").run(plan(), folder, phases::add));
    assertEquals(BuildFailure.Kind.PROFILE, e.kind());
    assertEquals("too large", e.getMessage());
  }

  @Test
  void aCrashIsToldWithTheLastLines() {
    BuildFailure e =
        assertThrows(BuildFailure.class, () -> build("crash").run(plan(), folder, phases::add));
    assertEquals(BuildFailure.Kind.BUILD, e.kind());
    assertTrue(e.getMessage().contains("134"), e.getMessage());
    assertTrue(e.getMessage().contains("a line of somebody else's"), e.getMessage());
  }

  @Test
  void cancellingKillsTheChild() {
    List<ProcessHandle> children = new ArrayList<>();
    assertThrows(
        CancelledException.class,
        () ->
            build("hang")
                .run(
                    plan(),
                    folder,
                    phase -> {
                      if (children.isEmpty()) {
                        ProcessHandle.current().children().forEach(children::add);
                        cancellation.cancel();
                      }
                    }));
    assertFalse(children.isEmpty());
    children.forEach(child -> child.onExit().join());
  }

  @Test
  void aCancellationBeforeTheStartIsHeeded() {
    cancellation.cancel();
    assertThrows(CancelledException.class, () -> build("hang").run(plan(), folder, phases::add));
  }

  @Test
  void theRealWorkerSaysWhatIsMissingWhereThereIsNoDevice() throws IOException {
    Assumptions.assumeFalse(new TensorRtProvider().probe().isAvailable(), "TensorRT works here");
    String classPath = WorkerClassPath.find().orElseThrow();
    for (String part : List.of("tensorrt", "cuda", "javacpp", "slf4j-api")) {
      assertTrue(classPath.contains(part), classPath);
    }
    BuildFailure e =
        assertThrows(
            BuildFailure.class,
            () ->
                new IsolatedBuild(IsolatedBuild.command(classPath), List.of(), log, cancellation)
                    .run(plan(), folder, phases::add));
    assertEquals(BuildFailure.Kind.BUILD, e.kind());
    assertFalse(Files.exists(folder.resolve("model.engine")));
    assertTrue(
        e.getMessage().contains("UnsatisfiedLinkError") || e.getMessage().contains("CUDA"),
        e.getMessage());
  }
}
