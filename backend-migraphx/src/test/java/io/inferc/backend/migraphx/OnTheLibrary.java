package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.inferc.Compiler;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.testing.ContractModels;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests on the real library share: the target under test and models on it. */
abstract class OnTheLibrary {
  static final Target TARGET = RealLibrary.target();

  @TempDir Path folder;

  MigraphxLibrary library;

  @BeforeEach
  void findLibraryOrSkip() {
    library = RealLibrary.orSkip();
  }

  static CompiledModel compile(Target target, OnnxModel model, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target).sessions(1);
    Stream.of(profiles).forEach(builder::profile);
    return builder.build().compile(model);
  }

  static ShapeProfile rows(long min, long opt, long max) {
    return ShapeProfile.named("rows" + min + "-" + max).range("rows", min, opt, max);
  }

  static Target options(MigraphxOptions.Builder options) {
    return TARGET.options(options.build());
  }

  static void assertDense(InferenceSession session, int rows) {
    float[] x = new float[rows * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 5 - 2;
    }
    session.input("x", rows, 3).floats().put(0, x);
    session.run();
    assertArrayEquals(ContractModels.denseReference(x), session.output("y").toFloatArray(), 1e-5f);
  }
}
