package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.ApplicationClassPath;
import io.inferc.common.internal.JvmProcess;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compiles and runs a model in another JVM first, so that native code that aborts ends that one.
 */
final class IsolatedCheck {
  private final Target.Choice choice;
  private final List<ShapeProfile> profiles;
  private final ModelLimits limits;
  private final Isolation isolation;
  private final Cancellation cancellation;
  private final Class<?> worker;

  IsolatedCheck(
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ModelLimits limits,
      Isolation isolation,
      Cancellation cancellation) {
    this(choice, profiles, limits, isolation, cancellation, IsolatedCheckWorker.class);
  }

  IsolatedCheck(
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ModelLimits limits,
      Isolation isolation,
      Cancellation cancellation,
      Class<?> worker) {
    this.worker = worker;
    this.choice = choice;
    this.profiles = profiles;
    this.limits = limits;
    this.isolation = isolation;
    this.cancellation = cancellation;
  }

  /**
   * Tries a model. That it is refused, or fails to run on zeros, is no matter here: the compile
   * that follows says so itself.
   *
   * @param model the file
   * @param name what messages call it
   * @param precision what it was rewritten to, for messages
   * @throws InfercException if the process died of it, or could not be started
   */
  void check(Path model, String name, Precision precision) {
    List<String> arguments = new ArrayList<>();
    arguments.add(model.toAbsolutePath().toString());
    arguments.add(choice.backend());
    arguments.add(choice.device().orElse(""));
    arguments.add(IsolatedCheckWorker.write(limits));
    if (!profiles.isEmpty()) {
      sizes(profiles.get(0)).forEach((symbol, size) -> arguments.add(symbol + "=" + size));
    }
    String asked = "Tried to compile the model " + name + " for " + choice + " at " + precision;
    JvmProcess.Ended ended;
    try {
      ended =
          new JvmProcess(ApplicationClassPath.of(worker.getClassLoader()), worker)
              .within(isolation.time(), isolation.memory())
              .run(arguments, cancellation, Stage.COMPILE);
    } catch (IOException e) {
      throw notStarted(asked, e.toString(), e);
    }
    Optional<String> exceeded = ended.exceeded();
    if (exceeded.isEmpty() && ended.output().contains(OutOfMemoryError.class.getName())) {
      exceeded = Optional.of("it needed more than " + isolation + " leaves it");
    }
    if (exceeded.isPresent()) {
      throw new InfercException(
          Stage.COMPILE,
          asked
              + " in a process of its own first, and that process was ended "
              + phase(ended)
              + " because "
              + exceeded.get()
              + ".",
          "If you trust the model, raise the limit with isolation(Isolation.untrusted()"
              + ".timeLimit(…).memoryLimit(…)). This process is unharmed.");
    }
    if (!ended.output().contains(IsolatedCheckWorker.STARTED)) {
      throw notStarted(asked, ended.output().lines().findFirst().orElse("no output"), null);
    }
    if (ended.exitCode() != IsolatedCheckWorker.ALIVE) {
      String words = ended.lastWords();
      throw new InfercException(
          Stage.COMPILE,
          asked
              + " in a process of its own first, and the runtime ended that process with "
              + ended.signal().orElse("exit code " + ended.exitCode())
              + " "
              + phase(ended)
              + (words.isEmpty() ? "." : ": " + words + "."),
          "Keep the layers in FLOAT32 that are new to this runtime, with precision.keep(…), or"
              + " compile at FP32; lower the runtime's optimization, or try another version of it."
              + " This process is unharmed.");
    }
  }

  private static String phase(JvmProcess.Ended ended) {
    return ended.output().contains(IsolatedCheckWorker.COMPILED)
        ? "while the model ran on zeros"
        : "while it compiled";
  }

  private static Map<String, Long> sizes(ShapeProfile profile) {
    return TypicalSizes.of(List.of(), List.of(profile), Optional.empty());
  }

  private static InfercException notStarted(String asked, String found, @Nullable Exception cause) {
    String message =
        asked + " in a process of its own first, but that could not be started: " + found + ".";
    String remedy =
        "Start the application with a class path that has inferc's jars on it, or compile without"
            + " isolation(…).";
    return cause == null
        ? new InfercException(Stage.COMPILE, message, remedy)
        : new InfercException(Stage.COMPILE, message, remedy, cause);
  }
}
