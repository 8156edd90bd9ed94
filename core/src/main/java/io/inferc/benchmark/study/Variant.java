package io.inferc.benchmark.study;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.runtime.CompiledModel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * One of the things that a study compares: a compiled model, a function or an endpoint, and what is
 * known of it beside. Immutable.
 */
public final class Variant {
  private final String name;
  private final Supplier<Opened> opening;
  private final boolean isOpen;
  private final Optional<Cost> cost;
  private final Optional<Work> work;
  private final Optional<UsefulTokens> usefulTokens;
  private final Optional<Batches> batches;

  /** What a variant is while it is measured. */
  record Opened(Subject subject, Optional<CompiledModel> model, Runnable close) {}

  /** Requests of several sizes of batch. */
  record Batches(IntFunction<? extends Requests> requests, List<Integer> sizes) {}

  private Variant(
      String name,
      Supplier<Opened> opening,
      boolean isOpen,
      Optional<Cost> cost,
      Optional<Work> work,
      Optional<UsefulTokens> usefulTokens,
      Optional<Batches> batches) {
    this.name = name;
    this.opening = opening;
    this.isOpen = isOpen;
    this.cost = cost;
    this.work = work;
    this.usefulTokens = usefulTokens;
    this.batches = batches;
  }

  private static Variant open(String name, Supplier<Opened> opening, boolean isOpen) {
    Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "Tried to compare a variant without a name; give one that tells it from the others.");
    }
    return new Variant(
        name,
        opening,
        isOpen,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Takes any subject: a function, an endpoint.
   *
   * @param name what reports call it
   * @param subject the subject, which stays the caller's
   * @return the variant
   */
  public static Variant of(String name, Subject subject) {
    Objects.requireNonNull(subject, "subject");
    return open(name, () -> new Opened(subject, Optional.empty(), () -> {}), true);
  }

  /**
   * Takes a model that is compiled already.
   *
   * @param name what reports call it
   * @param model the model, which stays the caller's
   * @return the variant
   */
  public static Variant of(String name, CompiledModel model) {
    Objects.requireNonNull(model, "model");
    return open(name, () -> new Opened(Subject.of(model), Optional.of(model), () -> {}), true);
  }

  /**
   * Takes a model that the study loads or compiles, so that it tells how long that takes and what
   * memory it needs.
   *
   * @param name what reports call it
   * @param opening loads or compiles it, for example {@code () -> Inferc.load(folder)}
   * @return the variant, whose model the study closes
   */
  public static Variant opening(String name, Supplier<? extends CompiledModel> opening) {
    Objects.requireNonNull(opening, "opening");
    return open(
        name,
        () -> {
          CompiledModel model = Objects.requireNonNull(opening.get(), "opening");
          return new Opened(Subject.of(model), Optional.of(model), model::close);
        },
        false);
  }

  /**
   * Sets what the machine costs that serves this variant, where it is another one.
   *
   * @param cost the cost, that of the study if not set
   * @return a copy
   */
  public Variant cost(Cost cost) {
    Optional<Cost> set = Optional.of(Objects.requireNonNull(cost, "cost"));
    return new Variant(name, opening, isOpen, set, work, usefulTokens, batches);
  }

  /**
   * Sets what a request takes of the machine, so that the study tells which share of its roofline
   * is reached.
   *
   * @param work of a usual request
   * @return a copy
   */
  public Variant work(Work work) {
    Optional<Work> set = Optional.of(Objects.requireNonNull(work, "work"));
    return new Variant(name, opening, isOpen, cost, set, usefulTokens, batches);
  }

  /**
   * Sets how many of the tokens that it computes are padding.
   *
   * @param tokens counted over the requests of the study
   * @return a copy
   */
  public Variant usefulTokens(UsefulTokens tokens) {
    Optional<UsefulTokens> set = Optional.of(Objects.requireNonNull(tokens, "tokens"));
    return new Variant(name, opening, isOpen, cost, work, set, batches);
  }

  /**
   * Has the throughput measured at several sizes of batch.
   *
   * @param requests what to ask, for a size of batch
   * @param sizes at least one, each 1 or more
   * @return a copy
   * @throws IllegalArgumentException if there is no size, or one is less than 1
   */
  public Variant batches(IntFunction<? extends Requests> requests, int... sizes) {
    Objects.requireNonNull(requests, "requests");
    Objects.requireNonNull(sizes, "sizes");
    if (sizes.length == 0 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "Tried to measure batches of the sizes "
              + Arrays.toString(sizes)
              + "; give at least one, each 1 or more.");
    }
    Optional<Batches> set =
        Optional.of(new Batches(requests, Arrays.stream(sizes).boxed().toList()));
    return new Variant(name, opening, isOpen, cost, work, usefulTokens, set);
  }

  /**
   * Returns what reports call it.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  Opened open() {
    return opening.get();
  }

  boolean isOpen() {
    return isOpen;
  }

  Optional<Cost> cost() {
    return cost;
  }

  Optional<Work> work() {
    return work;
  }

  Optional<UsefulTokens> usefulTokens() {
    return usefulTokens;
  }

  Optional<Batches> batches() {
    return batches;
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name;
  }
}
