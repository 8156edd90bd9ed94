package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.execution.internal.SavedModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.LoadRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** What is not about compiling one model: the back ends there are, and models saved before. */
public final class Inferc {
  private Inferc() {}

  /**
   * Returns which inferc this is, also inside of a jar that was merged from several.
   *
   * @return the version, such as {@code 0.1.0}; {@code unknown} where the classes were compiled
   *     without the build that fills it in
   */
  public static String version() {
    return Version.TEXT;
  }

  /**
   * Lists the back ends on the class path: those that can work with their versions and devices, the
   * others with why they cannot and what to do.
   *
   * <pre>{@code
   * Inferc.backends().forEach(System.out::println);
   * }</pre>
   *
   * @return one entry for each provider, in the order of their names, and one for each that could
   *     not even be loaded
   */
  public static List<BackendInfo> backends() {
    return BackendInfo.list(BackendRegistry.discover());
  }

  /**
   * Loads a model that {@link CompiledModel#save} wrote, for the device it was compiled for and
   * with the back end's default options.
   *
   * @param folder the folder it was saved to
   * @return the model, to be closed by the caller
   * @throws InfercException if the folder is damaged, its back end is absent, or it was compiled
   *     for another machine or version; the message says what differs
   */
  public static CompiledModel load(Path folder) {
    Objects.requireNonNull(folder, "folder");
    return SavedModel.load(
        folder,
        (saved, payload) -> {
          Target target = Target.backend(saved.fingerprint().backend());
          return load(folder, saved, payload, saved.device().map(target::device).orElse(target));
        });
  }

  /**
   * Loads a model that {@link CompiledModel#save} wrote, with a device and options of the caller's.
   *
   * @param folder the folder it was saved to
   * @param target the back end that compiled it, with device and options
   * @return the model, to be closed by the caller
   * @throws InfercException if the folder is damaged, the target's back end is another or absent,
   *     or the model was compiled for another machine or version; the message says what differs
   */
  public static CompiledModel load(Path folder, Target target) {
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(target, "target");
    return SavedModel.load(folder, (saved, payload) -> load(folder, saved, payload, target));
  }

  private static CompiledModel load(
      Path folder, SavedModel saved, Supplier<Path> payload, Target target) {
    String backend = saved.fingerprint().backend();
    List<Target.Choice> choices = target.choices();
    if (choices.size() != 1 || !choices.get(0).backend().equals(backend)) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load the model "
              + saved.name()
              + " from "
              + folder
              + " for "
              + target
              + ", but it was compiled by the back end '"
              + backend
              + "'.",
          "Load it for that back end, or compile the source model for the other.");
    }
    BackendRegistry.Opened opened = BackendRegistry.discover().open(target);
    ArtifactCheck check = opened.backend().checkArtifact(saved.fingerprint(), opened.choice());
    if (check instanceof ArtifactCheck.Refused refused) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load the model "
              + saved.name()
              + " from "
              + folder
              + ", but it does not fit here: "
              + refused.reason(),
          refused.remedy());
    }
    BackendModel model =
        opened
            .backend()
            .load(
                payload.get(),
                new LoadRequest(saved.name(), opened.choice(), saved.profiles(), saved.limits()));
    return ExecutableModel.of(
        saved.name(),
        saved.facts(),
        saved.limits(),
        model,
        opened.backend(),
        opened.choice(),
        saved.profiles(),
        ExecutionOptions.defaults());
  }
}
