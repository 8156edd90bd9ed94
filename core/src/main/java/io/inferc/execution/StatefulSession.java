package io.inferc.execution;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.execution.internal.BoundedClose;
import io.inferc.execution.internal.ModelSession;
import io.inferc.execution.internal.ThreadGuard;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session of a model with state: some outputs of a run are inputs of the next, such as the hidden
 * state of a recurrent network or a cache of keys and values.
 *
 * <pre>{@code
 * try (StatefulSession session =
 *     StatefulSession.builder(model).state("state", "stateN").size("batch", 1).open()) {
 *   FloatBuffer audio = session.input("input", 1, 512).floats();
 *   while (microphone.fill(audio)) {
 *     session.run();
 *     listener.accept(session.output("output").floats().get(0));
 *   }
 *   session.reset();
 * }
 * }</pre>
 *
 * <p>A state whose output has the size of its input by declaration lies in two buffers that take
 * turns, and a run copies nothing. One that may grow is a new tensor after each run.
 *
 * <p>One thread at a time, as for {@link InferenceSession}. It owns native memory: close it.
 */
public final class StatefulSession implements AutoCloseable {
  private final String model;
  private final InferenceSession session;
  private final List<TensorSpec> inputs;
  private final Map<String, State> states;
  private final boolean swapped;
  private final ThreadGuard guard;
  // What the last run returned beside states, where new tensors are made by each.
  private Map<String, Tensor> results = Map.of();
  private boolean hasRun;

  /** One output that becomes an input. */
  private static final class State {
    final String output;
    final Tensor initial;
    Tensor current;
    // What the next run writes to, where two buffers take turns.
    @Nullable Tensor next;

    State(String output, Tensor initial, boolean swapped) {
      this.output = output;
      this.initial = initial;
      current = copy(initial);
      next = swapped ? Tensor.allocate(initial.type(), initial.shape()) : null;
    }

    @Override
    public String toString() {
      return output + " " + current;
    }

    void become(Tensor value) {
      current.close();
      current = value;
    }

    void close() {
      initial.close();
      current.close();
      if (next != null) {
        next.close();
      }
    }
  }

  private StatefulSession(CompiledModel model, Map<String, State> states, boolean swapped) {
    this.model = model.name();
    this.states = states;
    this.swapped = swapped;
    inputs = model.inputs();
    guard = new ThreadGuard("the session of model " + this.model);
    session = model.newSession();
  }

  /**
   * Prepares a session.
   *
   * @param model the model; it must stay open as long as the session
   * @return a builder, to be told the states
   */
  public static Builder builder(CompiledModel model) {
    Objects.requireNonNull(model, "model");
    return new Builder(model);
  }

  private static Tensor copy(Tensor tensor) {
    Tensor copy = Tensor.allocate(tensor.type(), tensor.shape());
    copy.copyFrom(tensor);
    return copy;
  }

  /**
   * Returns the tensor bound to an input that is no state, as {@link InferenceSession#input}.
   *
   * @param name the input's name
   * @param shape the sizes of the coming requests, outermost first; none for those bound now
   * @return the bound tensor; write the request into it
   * @throws IllegalArgumentException if there is no such input, it is a state, or rank or a fixed
   *     size differ
   */
  public Tensor input(String name, long... shape) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(shape, "shape");
    if (states.containsKey(name)) {
      throw new IllegalArgumentException(
          "Tried to write to the input '"
              + name
              + "', but it is a state that the output '"
              + Objects.requireNonNull(states.get(name)).output
              + "' sets. Use setState to change it.");
    }
    return shape.length == 0 ? session.input(name) : session.input(name, shape);
  }

  /**
   * Runs the model on the bound inputs and the present states, and moves the states on.
   *
   * @throws InfercException if an input was never given a shape, the request is outside all
   *     profiles, or the run fails; then the states are what they were
   */
  public void run() {
    guard.enter("run a session");
    try {
      hasRun = false;
      if (swapped) {
        runSwapped();
      } else {
        runNew();
      }
      hasRun = true;
    } finally {
      guard.exit();
    }
  }

  private void runSwapped() {
    states.forEach(
        (input, state) -> {
          session.bindInput(input, state.current);
          session.bindOutput(state.output, Objects.requireNonNull(state.next));
        });
    session.run();
    for (State state : states.values()) {
      Tensor former = state.current;
      state.current = Objects.requireNonNull(state.next);
      state.next = former;
    }
  }

  private void runNew() {
    closeResults();
    Map<String, Tensor> request = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      State state = states.get(input.name());
      request.put(input.name(), state == null ? session.input(input.name()) : state.current);
    }
    results = new LinkedHashMap<>(session.run(request));
    for (State state : states.values()) {
      state.become(Objects.requireNonNull(results.remove(state.output)));
    }
  }

  /**
   * Returns an output of the last run, or a state as it set it. Valid until the next run.
   *
   * @param name the output's name
   * @return the output; it belongs to the session
   * @throws IllegalArgumentException if there is no such output
   * @throws InfercException if nothing has been run yet
   */
  public Tensor output(String name) {
    Objects.requireNonNull(name, "name");
    guard.enter("read an output of a session");
    try {
      Optional<State> state =
          states.values().stream().filter(s -> s.output.equals(name)).findFirst();
      if (!hasRun) {
        throw new InfercException(
            Stage.RUN,
            "Tried to read the output '" + name + "' of " + model + ", but it has not run yet.",
            "Call run() first.");
      }
      if (state.isPresent()) {
        return state.get().current;
      }
      Tensor result = results.get(name);
      // The session also says which outputs there are.
      return result == null ? session.output(name) : result;
    } finally {
      guard.exit();
    }
  }

  /**
   * Returns a state as the next run will read it. Valid until then.
   *
   * @param input the state's input
   * @return the state; it belongs to the session
   * @throws IllegalArgumentException if that input is no state
   */
  public Tensor state(String input) {
    Objects.requireNonNull(input, "input");
    guard.enter("read a state of a session");
    try {
      return known(input).current;
    } finally {
      guard.exit();
    }
  }

  private State known(String input) {
    State state = states.get(input);
    if (state == null) {
      throw new IllegalArgumentException(
          "Tried to use the state '"
              + input
              + "', but the states are "
              + states.keySet()
              + ". Correct the name.");
    }
    return state;
  }

  /**
   * Sets a state, such as one that was kept from an earlier conversation.
   *
   * @param input the state's input
   * @param value the value, which is copied
   * @throws IllegalArgumentException if that input is no state, or the type differs, or the shape
   *     where it cannot grow
   */
  public void setState(String input, Tensor value) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(value, "value");
    guard.enter("set a state of a session");
    try {
      State state = known(input);
      if (value.type() != state.initial.type()
          || (swapped && !value.hasShape(state.initial.shape()))) {
        throw new IllegalArgumentException(
            "Tried to set the state '"
                + input
                + "' to "
                + value
                + ", but it is "
                + state.initial
                + ". Give a tensor like that.");
      }
      set(state, value);
    } finally {
      guard.exit();
    }
  }

  private static void set(State state, Tensor value) {
    if (state.current.hasShape(value.shape())) {
      state.current.copyFrom(value);
    } else {
      state.become(copy(value));
    }
  }

  /** Sets all states to their initial values. */
  public void reset() {
    guard.enter("reset a session");
    try {
      states.values().forEach(s -> set(s, s.initial));
    } finally {
      guard.exit();
    }
  }

  private void closeResults() {
    results.values().forEach(Tensor::close);
    results = Map.of();
  }

  /** Returns what the session is of, and its states as they are shaped now. */
  @Override
  public String toString() {
    return session + ", with the states " + states.values();
  }

  /** Frees the session and its states, waiting for a run under way. */
  @Override
  public void close() {
    BoundedClose.DEFAULT.close(
        "A session of the model " + model,
        this::closeWithin,
        () -> {
          if (session instanceof ModelSession abortable) {
            abortable.abort();
          }
        });
  }

  private boolean closeWithin(long nanos) {
    ThreadGuard.Door door = guard.close(nanos);
    if (door == ThreadGuard.Door.SHUT) {
      session.close();
      closeResults();
      states.values().forEach(State::close);
    }
    return door != ThreadGuard.Door.SOMEBODY_INSIDE;
  }

  /** Collects the states of a {@link StatefulSession}. */
  public static final class Builder {
    private final CompiledModel model;
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final Map<String, Tensor> initial = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();

    private Builder(CompiledModel model) {
      this.model = model;
    }

    /**
     * Makes an output the input of the next run. It starts as zeros of the shape that the input
     * declares, unless {@link #initial} says otherwise.
     *
     * @param input the input's name
     * @param output the output's name
     * @return this
     * @throws IllegalArgumentException if the model has none of that name, their types differ, or
     *     one of them belongs to a state already
     */
    public Builder state(String input, String output) {
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(output, "output");
      TensorSpec in = spec("input", model.inputs(), input);
      TensorSpec out = spec("output", model.outputs(), output);
      if (in.type() != out.type() || outputs.containsKey(input) || outputs.containsValue(output)) {
        throw new IllegalArgumentException(
            "Tried to make the output "
                + out
                + " the next input "
                + in
                + ", but "
                + (in.type() != out.type()
                    ? "their types differ. Choose two of one type."
                    : "one of them belongs to a state already: " + outputs + ". Name each once."));
      }
      outputs.put(input, output);
      return this;
    }

    private static TensorSpec spec(String kind, List<TensorSpec> specs, String name) {
      return specs.stream()
          .filter(s -> s.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "Tried to bind the "
                          + kind
                          + " '"
                          + name
                          + "' as a state, but the model's "
                          + kind
                          + "s are "
                          + specs
                          + ". Correct the name."));
    }

    /**
     * Sets what a state starts as.
     *
     * @param input the state's input
     * @param value the value, which is copied when the session opens
     * @return this
     * @throws IllegalArgumentException if the input takes no such tensor
     */
    public Builder initial(String input, Tensor value) {
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(value, "value");
      TensorSpec spec = spec("input", model.inputs(), input);
      if (spec.type() != value.type() || !spec.shape().accepts(value.shape())) {
        throw new IllegalArgumentException(
            "Tried to start the state " + spec + " as " + value + ". Give a tensor that it takes.");
      }
      initial.put(input, value);
      return this;
    }

    /**
     * Sets the size of a symbol in the shapes of states: how many streams there are, or 0 for a
     * cache that starts empty.
     *
     * @param symbol the symbol as the model spells it
     * @param size the size, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder size(String symbol, long size) {
      Objects.requireNonNull(symbol, "symbol");
      if (size < 0) {
        throw new IllegalArgumentException(
            "Tried to set the size of '" + symbol + "' to " + size + "; it takes 0 or more.");
      }
      sizes.put(symbol, size);
      return this;
    }

    /**
     * Opens the session.
     *
     * @return the session, to be closed by the caller
     * @throws IllegalArgumentException if there is no state, or the shape of one is open; the
     *     message says what to give
     * @throws io.inferc.common.ResourceClosedException if the model is closed
     */
    public StatefulSession open() {
      if (outputs.isEmpty() || !outputs.keySet().containsAll(initial.keySet())) {
        throw new IllegalArgumentException(
            "Tried to open a session with the states "
                + outputs.keySet()
                + " and initial values of "
                + initial.keySet()
                + ". Name each state with state(input, output).");
      }
      boolean swapped =
          outputs.entrySet().stream()
              .allMatch(
                  e ->
                      sameSize(
                          spec("input", model.inputs(), e.getKey()),
                          spec("output", model.outputs(), e.getValue())));
      Map<String, State> states = new LinkedHashMap<>();
      boolean complete = false;
      try {
        outputs.forEach(
            (input, output) -> {
              try (Tensor start = start(spec("input", model.inputs(), input))) {
                states.put(input, new State(output, copy(start), swapped));
              }
            });
        StatefulSession session = new StatefulSession(model, states, swapped);
        complete = true;
        return session;
      } finally {
        if (!complete) {
          states.values().forEach(State::close);
        }
      }
    }

    /** Whether an output has its input's shape by declaration, whatever that is. */
    private static boolean sameSize(TensorSpec input, TensorSpec output) {
      List<Dimension> in = input.shape().dimensions().orElse(List.of());
      List<Dimension> out = output.shape().dimensions().orElse(List.of());
      return input.shape().isRankKnown()
          && in.equals(out)
          && in.stream().allMatch(d -> d.isFixed() || d.symbol().isPresent());
    }

    private Tensor start(TensorSpec spec) {
      Tensor given = initial.get(spec.name());
      if (given != null) {
        return copy(given);
      }
      List<Long> shape = new ArrayList<>();
      List<Dimension> dimensions = spec.shape().dimensions().orElseThrow(() -> open(spec));
      for (Dimension d : dimensions) {
        Long size = d.isFixed() ? (Long) d.size().getAsLong() : null;
        if (size == null) {
          size = d.symbol().map(sizes::get).orElseThrow(() -> open(spec));
        }
        shape.add(size);
      }
      return Tensor.allocate(spec.type(), shape.stream().mapToLong(Long::longValue).toArray());
    }

    private IllegalArgumentException open(TensorSpec spec) {
      return new IllegalArgumentException(
          "Tried to start the state "
              + spec
              + " as zeros, but with the sizes "
              + sizes
              + " its shape is open. Set the size of each symbol with size(symbol, size), or its"
              + " first value with initial(input, tensor).");
    }
  }
}
