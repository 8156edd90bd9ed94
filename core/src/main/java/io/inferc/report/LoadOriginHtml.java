package io.inferc.report;

import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import io.inferc.Inferc;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.load.LoadSettings;
import io.inferc.benchmark.platform.Machine;
import io.inferc.benchmark.study.StudyResult;
import j2html.TagCreator;
import j2html.tags.specialized.DlTag;
import j2html.tags.specialized.MainTag;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How it was measured, so that it can be done again, and where. */
final class LoadOriginHtml {
  private LoadOriginHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    page.with(
        section(
            h2("Settings"),
            p("With the same settings and seed, requests, arrivals and turns are the same.")
                .withClass("lead"),
            settings(facts)),
        section(h2("Environment"), environment(facts.result().environment())));
  }

  private static DlTag settings(StudyFacts facts) {
    StudyResult result = facts.result();
    LoadSettings settings = result.rounds().settings();
    DlTag list = TagCreator.dl().withClass("origin");
    entry(list, "Load", settings.load().toString());
    entry(list, "Seed", Long.toString(settings.seed()));
    entry(
        list,
        "Duration",
        Amounts.seconds(settings.duration())
            + " for each variant, in "
            + result.rounds().rounds().size()
            + " turns");
    entry(
        list,
        "Warm-up",
        Amounts.seconds(settings.warmUp())
            + (settings.untilSteady() ? " at most, until steady" : ""));
    entry(list, "Requests at once", Integer.toString(settings.workers()));
    entry(
        list,
        "Latency limit",
        result
            .limits()
            .map(limits -> limits.condition())
            .or(
                () ->
                    settings
                        .latencyLimit()
                        .map(limit -> Amounts.plain(limit.toNanos() / 1e6) + " ms"))
            .orElse("none"));
    entry(
        list,
        "Generator's lateness",
        "at most "
            + Amounts.plain(100 * settings.lagShare())
            + " %"
            + " of the latency, at the P99 of both");
    entry(list, "Waiting after the load", "at most " + Amounts.seconds(settings.drainLimit()));
    when(list, facts);
    return list;
  }

  private static void when(DlTag list, StudyFacts facts) {
    StudyResult result = facts.result();
    entry(
        list,
        "Variants",
        facts.variants().stream()
            .map(StudyFacts.Measured::name)
            .collect(Collectors.joining(", ", "", ", in this order; the first is the baseline")));
    entry(list, "Began", HeadlineHtml.DATE.format(result.startedAt()));
    entry(list, "Took", String.format(Locale.ROOT, "%,.1f s", result.took().toNanos() / 1e9));
    entry(list, "Version", "inferc " + Inferc.version());
  }

  private static DlTag environment(Environment environment) {
    Machine machine = environment.machine();
    DlTag list = TagCreator.dl().withClass("origin");
    entry(list, "Processor", environment.cpu());
    entry(list, "Processors used", Integer.toString(environment.processors()));
    if (!machine.processor().features().isEmpty()) {
      entry(list, "Instruction sets", String.join(", ", machine.processor().features()));
    }
    entry(list, "Frequency governor", machine.processor().governor().orElse("not known"));
    entry(
        list,
        "Turbo",
        machine.processor().turbo().map(on -> on ? "on" : "off").orElse("not known"));
    limits(list, environment);
    machine.gpus().forEach(gpu -> entry(list, "GPU", gpu.toString()));
    if (machine.gpus().isEmpty()) {
      entry(list, "GPU", "none found");
    }
    new TreeMap<>(environment.backEnds()).forEach((name, version) -> entry(list, name, version));
    entry(list, "System", environment.os());
    entry(list, "JVM", environment.jvm());
    entry(
        list,
        "JVM options",
        machine.jvmFlags().isEmpty() ? "none" : String.join(" ", machine.jvmFlags()));
    return list;
  }

  private static void limits(DlTag list, Environment environment) {
    Machine machine = environment.machine();
    entry(
        list,
        "Limit of processors",
        machine.limits().cpus().isPresent()
            ? Amounts.plain(machine.limits().cpus().getAsDouble())
            : "none");
    entry(
        list,
        "Limit of memory",
        machine.limits().memoryBytes().isPresent()
            ? Amounts.megabytes(machine.limits().memoryBytes()) + " MB"
            : "none");
    entry(
        list,
        "Load average at the start",
        machine.loadAverage().isPresent()
            ? String.format(Locale.ROOT, "%.2f", machine.loadAverage().getAsDouble())
            : "not known");
    entry(
        list,
        "Time given to others by the host",
        environment.stolen().isPresent()
            ? String.format(Locale.ROOT, "%.2f %%", 100 * environment.stolen().getAsDouble())
            : "not known");
  }

  private static void entry(DlTag list, String label, String value) {
    HeadlineHtml.entry(list, label, text(value));
  }
}
