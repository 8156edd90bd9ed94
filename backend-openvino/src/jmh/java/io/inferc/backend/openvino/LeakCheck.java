package io.inferc.backend.openvino;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import io.inferc.testing.ProcessMemory;
import java.util.Locale;
import java.util.Map;
import org.hipparchus.stat.regression.SimpleRegression;

/**
 * Runs and compiles for so long that whatever is not freed shows: 100,000 inferences in all the
 * ways there are, and 1,000 lives of a model. Ends with exit code 1 if memory grows.
 */
public final class LeakCheck {
  private static final int POINTS = 50;
  // What the allocator's and the JVM's own wandering may look like over a whole part.
  private static final double MOST_MIB = 24;

  private LeakCheck() {}

  /**
   * Runs both parts.
   *
   * @param arguments the number of inferences (100,000) and of lives (1,000)
   */
  public static void main(String... arguments) {
    TestLibrary.require();
    int inferences = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    int lives = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
    boolean flat = inferences(inferences);
    flat &= lives(lives);
    if (!flat) {
      System.exit(1);
    }
  }

  private static boolean inferences(int count) {
    ShapeProfile rows = TestModels.rows("p", 1, 4, 16);
    try (CompiledModel model =
            TestModels.compile(TestLibrary.target(), ContractModels.dense(), rows);
        CompiledModel open = TestModels.compile(TestLibrary.target(), ContractModels.nonZero());
        InferenceSession session = model.newSession();
        InferenceSession openSession = open.newSession();
        Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 3)) {
      return watch(
          "inferences",
          count,
          i -> {
            switch (i % 5) {
              case 0 -> session.run(Map.of("x", x)).close();
              case 1 -> {
                session.input("x", 1 + i % 16, 3);
                session.run();
              }
              case 2 -> model.run(Map.of("x", x)).close();
              case 3 -> model.runAsync(Map.of("x", x)).join().close();
              default -> {
                openSession.input("x", 1 + i % 7).floats().put(0, 1f);
                openSession.run();
                openSession.output("where").toLongArray();
              }
            }
          });
    }
  }

  private static boolean lives(int count) {
    return watch(
        "lives of a model",
        count,
        i -> {
          try (CompiledModel model =
                  TestModels.compile(
                      TestLibrary.target(),
                      ContractModels.heavy(256),
                      TestModels.rows("p", 1, 2, 4 + i % 2));
              InferenceSession session = model.newSession()) {
            session.input("x", 2, 256).floats().put(0, 1f);
            session.run();
          }
        });
  }

  private interface Turn {
    void take(int number);
  }

  /** Takes turns and fits a line through the resident memory of the latter four fifths. */
  private static boolean watch(String what, int count, Turn turn) {
    SimpleRegression line = new SimpleRegression();
    long first = 0;
    for (int i = 0; i < count; i++) {
      turn.take(i);
      if ((i + 1) % Math.max(1, count / POINTS) == 0) {
        System.gc();
        long resident = ProcessMemory.residentBytes();
        if (i >= count / 5) {
          first = first == 0 ? resident : first;
          line.addData((double) i / count, resident / 0x1p20);
        }
      }
    }
    double grown = line.getSlope() * 0.8;
    System.out.printf(
        Locale.ROOT,
        "%,d %s: resident memory %.1f MiB after a fifth, %.1f MiB at the end; the line through %d"
            + " points rises by %.1f MiB%n",
        count,
        what,
        first / 0x1p20,
        ProcessMemory.residentBytes() / 0x1p20,
        line.getN(),
        grown);
    return grown < MOST_MIB;
  }
}
