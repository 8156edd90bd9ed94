package io.inferc.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a model shall run: a back end by name, a device of it, and options; or a list of such
 * choices of which the first available one is taken, or the one that is measured to be fastest.
 *
 * <pre>{@code
 * Target cpu = Target.onnxRuntime();
 * Target gpu = Target.tensorRt().device("cuda:0").orElse(Target.onnxRuntime());
 * Target tuned = Target.auto();
 * Target measured = Target.fastest();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Target {
  /** The name of the ONNX Runtime back end. */
  public static final String ONNX_RUNTIME = "onnxruntime";

  /** The name of the TensorRT back end. */
  public static final String TENSORRT = "tensorrt";

  /** The name of the OpenVINO back end. */
  public static final String OPENVINO = "openvino";

  /** The name of the MIGraphX back end. */
  public static final String MIGRAPHX = "migraphx";

  /** Which of several choices is taken. */
  private enum Rule {
    FIRST_AVAILABLE,
    FASTEST
  }

  private final List<Choice> choices;
  private final boolean automatic;
  private final Rule rule;

  private Target(List<Choice> choices, boolean automatic) {
    this(choices, automatic, Rule.FIRST_AVAILABLE);
  }

  private Target(List<Choice> choices, boolean automatic, Rule rule) {
    this.choices = List.copyOf(choices);
    this.automatic = automatic;
    this.rule = rule;
  }

  /**
   * One back end with its device and options.
   *
   * @param backend the back end's name
   * @param device the device in the back end's own words, or empty for its default
   * @param options the options, or empty for the defaults
   */
  public record Choice(String backend, Optional<String> device, Optional<BackendOptions> options) {
    public Choice {
      Objects.requireNonNull(backend, "backend");
      Objects.requireNonNull(options, "options");
      Objects.requireNonNull(device, "device");
      if (backend.isBlank()) {
        throw new IllegalArgumentException(
            "Tried to name a back end with empty text. Inferc.backends() lists the names.");
      }
      if (options.isPresent() && !options.get().backend().equals(backend)) {
        throw new IllegalArgumentException(
            "Tried to give the back end '"
                + backend
                + "' options of type "
                + options.get().getClass().getSimpleName()
                + ", which are for '"
                + options.get().backend()
                + "'. Use that back end's own options.");
      }
    }

    /** Returns text such as {@code onnxruntime on cpu {optimization=NONE}}. */
    @Override
    public String toString() {
      String place = device.map(d -> backend + " on " + d).orElse(backend);
      return options
          .map(BackendOptions::describe)
          .filter(settings -> !settings.isEmpty())
          .map(settings -> place + " " + settings)
          .orElse(place);
    }
  }

  /**
   * Returns ONNX Runtime on its default device, the CPU.
   *
   * @return the target
   */
  public static Target onnxRuntime() {
    return backend(ONNX_RUNTIME);
  }

  /**
   * Returns TensorRT on the first CUDA device.
   *
   * @return the target
   */
  public static Target tensorRt() {
    return backend(TENSORRT);
  }

  /**
   * Returns OpenVINO on its default device.
   *
   * @return the target
   */
  public static Target openVino() {
    return backend(OPENVINO);
  }

  /**
   * Returns MIGraphX on its default target.
   *
   * @return the target
   */
  public static Target migraphx() {
    return backend(MIGRAPHX);
  }

  /**
   * Returns a back end by name, for those inferc has no factory for.
   *
   * @param name the name under which the back end's provider is registered
   * @return the target
   * @throws IllegalArgumentException if the name is empty
   */
  public static Target backend(String name) {
    Objects.requireNonNull(name, "name");
    return new Target(List.of(new Choice(name, Optional.empty(), Optional.empty())), false);
  }

  /**
   * Returns the first available of TensorRT, MIGraphX, OpenVINO and ONNX Runtime, in this order:
   * what is tuned for the hardware most narrowly comes first, and ONNX Runtime, which runs
   * everywhere, last. A back end counts as available if its provider is on the class path and its
   * probe finds a device that is not merely a reference implementation.
   *
   * @return the target
   */
  public static Target auto() {
    List<Choice> order = new ArrayList<>();
    for (String name : List.of(TENSORRT, MIGRAPHX, OPENVINO, ONNX_RUNTIME)) {
      order.add(new Choice(name, Optional.empty(), Optional.empty()));
    }
    return new Target(order, true);
  }

  /**
   * Returns whatever is measured to be fastest for a model: of TensorRT, MIGraphX, OpenVINO and
   * ONNX Runtime, those that are available, each with the options that matter. Reference
   * implementations are passed over, as {@link #auto()} does.
   *
   * <p>Which one it is differs from machine to machine and from model to model, so each compilation
   * measures it; {@link CompiledModel#report()} has all that was tried.
   *
   * @return the target
   */
  public static Target fastest() {
    return new Target(auto().choices, true, Rule.FASTEST);
  }

  /**
   * Returns whatever is measured to be fastest of some targets. Options that are set are kept;
   * where a target has none, the back end's options that matter are tried, too. Those that are not
   * available are passed over, and the report says so.
   *
   * @param first a target
   * @param others further targets; all choices of each take part
   * @return the target
   */
  public static Target fastestOf(Target first, Target... others) {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(others, "others");
    List<Choice> all = new ArrayList<>(first.choices);
    boolean automatic = first.automatic;
    for (Target other : others) {
      Objects.requireNonNull(other, "others");
      other.choices.stream().filter(c -> !all.contains(c)).forEach(all::add);
      automatic |= other.automatic;
    }
    return new Target(all, automatic, Rule.FASTEST);
  }

  /**
   * Chooses a device.
   *
   * @param device the device in the back end's own words, for example {@code "cuda:1"}
   * @return this target on that device
   * @throws IllegalStateException if this target has several choices, or asks for the fastest
   * @throws IllegalArgumentException if the text is empty
   */
  public Target device(String device) {
    Objects.requireNonNull(device, "device");
    if (device.isBlank()) {
      throw new IllegalArgumentException(
          "Tried to choose a device with empty text. Inferc.backends() lists the devices.");
    }
    Choice only = only("choose the device '" + device + "'");
    return new Target(
        List.of(new Choice(only.backend(), Optional.of(device), only.options())), false);
  }

  /**
   * Sets the back end's options.
   *
   * @param options options of the same back end
   * @return this target with those options
   * @throws IllegalStateException if this target has several choices, or asks for the fastest
   * @throws IllegalArgumentException if the options are for another back end
   */
  public Target options(BackendOptions options) {
    Objects.requireNonNull(options, "options");
    Choice only = only("set " + options.getClass().getSimpleName());
    return new Target(
        List.of(new Choice(only.backend(), only.device(), Optional.of(options))), false);
  }

  /**
   * Adds choices to fall back on when none of this target's own is available.
   *
   * @param fallback the target to try next
   * @return a target with the choices of both, this one's first
   * @throws IllegalStateException if one of the two is the fastest of several, which has no order
   */
  public Target orElse(Target fallback) {
    Objects.requireNonNull(fallback, "fallback");
    if (isFastest() || fallback.isFastest()) {
      throw new IllegalStateException(
          "Tried to combine "
              + this
              + " with "
              + fallback
              + " by orElse(), but the fastest of several targets has no order to fall back in."
              + " List all of them in Target.fastestOf().");
    }
    List<Choice> both = new ArrayList<>(choices);
    both.addAll(fallback.choices);
    return new Target(both, automatic || fallback.automatic);
  }

  /**
   * Returns the choices, in order of preference unless the fastest is asked for.
   *
   * @return at least one
   */
  public List<Choice> choices() {
    return choices;
  }

  /**
   * Tells whether inferc was left to choose, so that reference implementations are passed over.
   *
   * @return true for {@link #auto()} and what was combined with it
   */
  public boolean isAutomatic() {
    return automatic;
  }

  /**
   * Tells whether the choice is made by measuring, not by order.
   *
   * @return true for {@link #fastest()} and {@link #fastestOf}
   */
  public boolean isFastest() {
    return rule == Rule.FASTEST;
  }

  private Choice only(String asked) {
    if (choices.size() != 1 || isFastest()) {
      throw new IllegalStateException(
          "Tried to "
              + asked
              + " on a target of several choices, "
              + this
              + ". Set it on each target before combining them with orElse() or fastestOf().");
    }
    return choices.get(0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Target t
        && t.choices.equals(choices)
        && t.automatic == automatic
        && t.rule == rule;
  }

  @Override
  public int hashCode() {
    return Objects.hash(choices, automatic, rule);
  }

  /**
   * Returns the choices, for example {@code tensorrt on cuda:0, else onnxruntime} or {@code the
   * fastest of openvino, onnxruntime}.
   */
  @Override
  public String toString() {
    String separator = isFastest() ? ", " : ", else ";
    String all = choices.stream().map(Choice::toString).collect(Collectors.joining(separator));
    return isFastest() ? "the fastest of " + all : all;
  }
}
