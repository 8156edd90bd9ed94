package io.inferc;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Availability;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * ONNX Runtime under another name, which returns three times the right result of layers that are
 * called {@code wrong...} wherever it reads them in integers, and of {@code hopeless} always.
 */
final class FaultyBackend implements Backend {
  static final String NAME = "faulty";
  static final AtomicInteger COMPILED = new AtomicInteger();

  /** Finds the back end by the way that applications find theirs. */
  public static final class Provider implements BackendProvider {
    /** Called by the service loader. */
    public Provider() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String displayName() {
      return "Faulty";
    }

    @Override
    public Availability probe() {
      return BackendRegistry.probe(BackendRegistry.discover().provider(Target.ONNX_RUNTIME));
    }

    @Override
    public Backend open() {
      return new FaultyBackend();
    }
  }

  private final BackendRegistry.Opened right =
      BackendRegistry.discover().open(Target.onnxRuntime());

  private FaultyBackend() {}

  /** Runs something where this back end is on the class path. */
  static <T> T within(Path folder, Callable<T> action) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(BackendProvider.class.getName()), Provider.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, FaultyBackend.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      return action.call();
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return right.backend().version();
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    return right.backend().capabilities(right.choice());
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    COMPILED.incrementAndGet();
    try (ModelSource source = ModelSource.of(faulty(request.source().model()))) {
      return right
          .backend()
          .compile(
              new CompileRequest(
                  source,
                  request.modelName(),
                  right.choice(),
                  request.profiles(),
                  request.precision(),
                  request.faithful(),
                  request.progress(),
                  request.cancellation()));
    }
  }

  private static OnnxModel faulty(OnnxModel model) {
    Set<String> integers = new HashSet<>();
    GraphEditor editor = model.graph().edit();
    editor.putInitializer(Initializer.floats("three", new float[] {3}));
    for (Node node : model.graph().nodes()) {
      if (node.opType().equals("DequantizeLinear")) {
        integers.addAll(node.outputs());
      }
      boolean inIntegers = integers.containsAll(node.reads());
      if (node.name().equals("hopeless") || (node.name().startsWith("wrong") && inIntegers)) {
        String result = node.outputs().get(0);
        editor.replace(
            node,
            node.toBuilder().outputs(result + "_right").build(),
            Node.builder("Mul")
                .name(node.name() + "_fault")
                .inputs(result + "_right", "three")
                .outputs(result)
                .build());
      }
    }
    return model.withGraph(editor.build());
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    return right.backend().fingerprint(right.choice());
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    return right.backend().checkArtifact(saved, right.choice());
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    return right.backend().load(folder, request);
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    return right.backend().allocator(kind, right.choice());
  }
}
