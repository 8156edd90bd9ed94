package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * What the contracts have in common: a target, what it can be asked for, and how models get there.
 *
 * @param target where the models of a contract run
 * @param capabilities what the back end declares there
 * @param folder an empty folder for one test
 */
record ContractSetup(Target target, Capabilities capabilities, Path folder) {
  static ContractSetup openOrSkip(Target target, Path folder) {
    skipIfUnavailable(target);
    var opened = BackendRegistry.discover().open(target);
    return new ContractSetup(target, opened.backend().capabilities(opened.choice()), folder);
  }

  static void skipIfUnavailable(Target target) {
    String name = target.choices().get(0).backend();
    Availability availability = BackendRegistry.probe(BackendRegistry.discover().provider(name));
    if (availability instanceof Availability.Unavailable u) {
      Assumptions.abort(name + " is not available here: " + u.reason() + " " + u.remedy());
    }
  }

  CompiledModel compile(OnnxModel model, ShapeProfile... profiles) {
    return compileFor(target, model, profiles);
  }

  static CompiledModel compileFor(Target target, OnnxModel model, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target).sessions(2);
    for (ShapeProfile p : profiles) {
      builder.profile(p);
    }
    return builder.build().compile(model);
  }

  static ShapeProfile rows(long min, long opt, long max) {
    return ShapeProfile.named("rows" + min + "-" + max).range("rows", min, opt, max);
  }

  static ShapeProfile batch(String name, long min, long opt, long max) {
    return ShapeProfile.named(name).range("batch", min, opt, max);
  }

  static void assertSays(Throwable e, String... words) {
    for (String word : words) {
      assertTrue(
          e.getMessage().contains(word), () -> "'" + word + "' is not in: " + e.getMessage());
    }
  }
}
