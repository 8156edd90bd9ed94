package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.ContractModels;
import io.inferc.testing.FacadeProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process that has not touched ONNX Runtime yet can show. */
class FreshProcessTest {
  @TempDir Path folder;

  @Test
  void aNativeLibraryThatCannotBeLoadedIsAnUnavailableBackEndAndNoCrash() throws Exception {
    String library = System.mapLibraryName("onnxruntime");
    Files.writeString(folder.resolve(library), "this is no shared library");
    Files.writeString(
        folder.resolve(System.mapLibraryName("onnxruntime4j_jni")), "neither is this");
    ChildJvm.Result result =
        ChildJvm.run(
            List.of("-Donnxruntime.native.path=" + folder), FacadeProbe.class, "onnxruntime");
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(
        result.output().contains("ONNX Runtime (onnxruntime): not available."), result.output());
    assertTrue(result.output().contains("refused: Tried to use onnxruntime"), result.output());
    assertTrue(result.output().contains("onnxruntime.native.path"), result.output());
  }

  @Test
  void aWorkingLibraryIsListedWithItsVersion() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), FacadeProbe.class, "onnxruntime");
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(
        result.output().contains("ONNX Runtime (onnxruntime) " + RuntimeVersion.find()),
        result.output());
    assertTrue(result.output().contains("compiler built"), result.output());
  }

  @Test
  void aLongCommandLineDoesNotEndTheProcess() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(List.of("-Dinferc.test.padding=" + "x".repeat(60_000)), SharedPool.class);
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(result.output().contains("refused: Tried to share"), result.output());
  }

  /** Compiles two models on one pool, then asks for another pool. */
  static final class SharedPool {
    private SharedPool() {}

    /** Prints what happens. */
    public static void main(String[] arguments) {
      Inferc.backends().forEach(b -> System.out.println("probed " + b.name()));
      run(2);
      run(2);
      try {
        run(3);
      } catch (InfercException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }

    private static void run(int threads) {
      OnnxRuntimeOptions options =
          OnnxRuntimeOptions.builder().sharedThreadPool(threads, 1).build();
      try (CompiledModel model =
              Compiler.forTarget(Target.onnxRuntime().options(options))
                  .build()
                  .compile(ContractModels.dense());
          Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3)) {
        model.run(Map.of("x", x)).close();
        System.out.println("ran on a pool of " + threads);
      }
    }
  }

  @Test
  void modelsShareOneThreadPoolAndAnotherSizeIsRefused() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), SharedPool.class);
    assertEquals(0, result.exitCode(), result.output());
    assertEquals(2, result.output().split("ran on a pool of 2", -1).length - 1, result.output());
    assertTrue(result.output().contains("refused:"), result.output());
    assertTrue(result.output().contains("inferc made it with"), result.output());
  }

  @Test
  void anEmptyFolderOfNativeLibrariesIsAnUnavailableBackEnd() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            List.of("-Donnxruntime.native.path=" + folder), FacadeProbe.class, "onnxruntime");
    assertEquals(0, result.exitCode(), result.output());
    String reason = "not found at " + folder.resolve(System.mapLibraryName("onnxruntime"));
    assertEquals(
        3,
        result.output().split(Pattern.quote(reason), -1).length,
        "the second look says the reason as well: " + result.output());
  }

  /** An application that uses ONNX Runtime itself before inferc does. */
  static final class HostApplication {
    private HostApplication() {}

    /** Makes the environment, then compiles without and with a shared pool. */
    public static void main(String[] arguments) {
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "host");
      for (OnnxRuntimeOptions options :
          List.of(
              OnnxRuntimeOptions.defaults(),
              OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).build())) {
        runWith(options);
      }
    }
  }

  @Test
  void theApplicationsEnvironmentIsUsedAsItIsAndAPoolThatItLacksIsRefused() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), HostApplication.class);
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(result.output().contains("ran with {}"), result.output());
    assertFalse(result.output().contains("logging level or name"), result.output());
    String refused = "refused: Tried to share a thread pool of 2";
    assertTrue(result.output().contains(refused), result.output());
    assertTrue(result.output().contains("the application"), result.output());
  }

  /** An application that gives its environment a pool after inferc has looked for back ends. */
  static final class LateHostApplication {
    private LateHostApplication() {}

    /** Probes, makes the environment with threads of its own, then compiles. */
    public static void main(String[] arguments) throws OrtException {
      Inferc.backends();
      Compiler.forTarget(Target.onnxRuntime()).build();
      try (OrtEnvironment.ThreadingOptions threads = new OrtEnvironment.ThreadingOptions()) {
        threads.setGlobalIntraOpNumThreads(2);
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "host", threads);
      }
      runWith(OnnxRuntimeOptions.defaults());
    }
  }

  @Test
  void lookingForBackEndsLeavesTheEnvironmentToTheApplication() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), LateHostApplication.class);
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(result.output().contains("ran with {}"), result.output());
  }

  /** Two models that disagree on whether the shared pool spins. */
  static final class SpinningPools {
    private SpinningPools() {}

    /** Prints what happens. */
    public static void main(String[] arguments) {
      runWith(OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).spinning(false).build());
      runWith(OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).spinning(true).build());
    }
  }

  @Test
  void aSharedPoolSpinsOrNotForEveryModelAlike() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), SpinningPools.class);
    assertTrue(result.output().contains("ran with {shared_thread_pool=2/1"), result.output());
    assertTrue(result.output().contains("threads that do not spin"), result.output());
    assertTrue(result.output().contains("refused: Tried to share"), result.output());
  }

  /** An application whose models fail to compile and to run, and that catches that. */
  static final class Failures {
    private Failures() {}

    /** Fails once in either way, and prints what it caught. */
    public static void main(String[] arguments) {
      Graph gather =
          Graph.builder("gather")
              .input(TensorSpec.of("x", DataType.FLOAT32, 2))
              .input(TensorSpec.of("at", DataType.INT64, 1))
              .node(Node.of("Gather", List.of("x", "at"), List.of("y")))
              .output(TensorSpec.of("y", DataType.FLOAT32, 1))
              .build();
      Graph wrong =
          Graph.builder("wrong")
              .input(TensorSpec.of("x", DataType.FLOAT32, 2))
              .input(TensorSpec.of("w", DataType.FLOAT32, 3, 3))
              .node(Node.of("MatMul", List.of("x", "w"), List.of("y")))
              .output(TensorSpec.of("y", DataType.FLOAT32, 3))
              .build();
      Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
      try (CompiledModel model = compiler.compile(OnnxModel.of(gather, 17))) {
        model.run(Map.of("x", Tensor.of(new float[2], 2), "at", Tensor.of(new long[] {7}, 1)));
      } catch (InfercException e) {
        System.out.println("caught at " + e.stage());
      }
      try (CompiledModel model = compiler.compile(OnnxModel.of(wrong, 17))) {
        System.out.println("compiled " + model.name());
      } catch (InfercException e) {
        System.out.println("caught at " + e.stage());
      }
    }
  }

  @Test
  void whatIsCaughtIsNotOnTheErrorStream() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(), Failures.class);
    assertEquals(List.of("caught at RUN", "caught at COMPILE"), result.output().lines().toList());
  }

  private static void runWith(OnnxRuntimeOptions options) {
    try (CompiledModel model =
            Compiler.forTarget(Target.onnxRuntime().options(options))
                .build()
                .compile(ContractModels.dense());
        Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3)) {
      model.run(Map.of("x", x)).close();
      System.out.println("ran with " + options);
    } catch (InfercException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }
}
