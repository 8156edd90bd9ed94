package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.CancelledException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InterruptTest {
  private static final int LAYERS = 1_000;
  private static final int WIDTH = 512;
  private static final long LIMIT_MILLIS = 6_000;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  /** One matrix product after the other, together about half a minute. */
  private static OnnxModel chain() {
    GraphBuilder graph =
        Graph.builder("chain")
            .input(TensorSpec.of("x0", DataType.FLOAT32, "rows, " + WIDTH))
            .initializer(Initializer.floats("w", new float[WIDTH * WIDTH], WIDTH, WIDTH))
            .output(TensorSpec.of("x" + LAYERS, DataType.FLOAT32, "rows, " + WIDTH));
    for (int i = 0; i < LAYERS; i++) {
      graph.node(Node.builder("MatMul").inputs("x" + i, "w").outputs("x" + (i + 1)).build());
    }
    return OnnxModel.of(graph.build(), 17);
  }

  @Test
  void anInterruptEndsARunAndTheSessionGoesOn() throws InterruptedException {
    try (CompiledModel model = Compiler.forTarget(Target.openVino()).build().compile(chain());
        InferenceSession session = model.newSession()) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      session.input("x0", 16 * WIDTH, WIDTH);
      Thread runner =
          new Thread(
              () -> {
                try {
                  session.run();
                } catch (RuntimeException | Error e) {
                  thrown.set(e);
                }
              });
      runner.setDaemon(true);
      runner.start();
      Thread.sleep(1_000);
      assertTrue(runner.isAlive(), () -> "ended by itself: " + thrown.get());
      runner.interrupt();
      runner.join(LIMIT_MILLIS);
      assertTrue(!runner.isAlive(), "it goes on");
      assertInstanceOf(CancelledException.class, thrown.get(), () -> String.valueOf(thrown.get()));
      session.input("x0", 1, WIDTH);
      session.run();
      assertTrue(session.output("x" + LAYERS).hasShape(new long[] {1, WIDTH}));
    }
  }
}
