package io.inferc.backend.tensorrt;

import io.inferc.backend.tensorrt.BuildPlan.Profile;
import io.inferc.backend.tensorrt.BuildPlan.Sizes;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.stream.Collectors;

/** Plans and failures as property files, by which two JVMs speak to each other. */
final class PlanFile {
  private PlanFile() {}

  static void write(BuildPlan plan, Path file) throws IOException {
    Properties p = new Properties();
    p.setProperty("model", plan.model().toString());
    p.setProperty("in_memory", Boolean.toString(plan.inMemory()));
    p.setProperty("engine", plan.engine().toString());
    p.setProperty("device", Integer.toString(plan.device()));
    p.setProperty("builder_level", Integer.toString(plan.builderLevel()));
    plan.workspaceBytes().ifPresent(b -> p.setProperty("workspace_bytes", Long.toString(b)));
    p.setProperty("tf32", Boolean.toString(plan.tf32()));
    p.setProperty("hardware", plan.hardware().name());
    p.setProperty("version_compatible", Boolean.toString(plan.versionCompatible()));
    p.setProperty("layer_details", Boolean.toString(plan.layerDetails()));
    plan.timingCache().ifPresent(cache -> p.setProperty("timing_cache", cache.toString()));
    plan.preload().ifPresent(name -> p.setProperty("preload", name));
    p.setProperty("profiles", Integer.toString(plan.profiles().size()));
    for (int i = 0; i < plan.profiles().size(); i++) {
      Profile profile = plan.profiles().get(i);
      p.setProperty("profile." + i, profile.name());
      p.setProperty("profile." + i + ".inputs", Integer.toString(profile.inputs().size()));
      for (int k = 0; k < profile.inputs().size(); k++) {
        Sizes sizes = profile.inputs().get(k);
        String key = "profile." + i + ".input." + k;
        p.setProperty(key, sizes.input());
        p.setProperty(key + ".min", text(sizes.min()));
        p.setProperty(key + ".opt", text(sizes.opt()));
        p.setProperty(key + ".max", text(sizes.max()));
      }
    }
    store(p, file);
  }

  static BuildPlan read(Path file) throws IOException {
    Properties p = load(file);
    List<Profile> profiles = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(p.getProperty("profiles")); i++) {
      List<Sizes> inputs = new ArrayList<>();
      for (int k = 0; k < Integer.parseInt(p.getProperty("profile." + i + ".inputs")); k++) {
        String key = "profile." + i + ".input." + k;
        inputs.add(
            new Sizes(
                p.getProperty(key),
                sizes(p.getProperty(key + ".min")),
                sizes(p.getProperty(key + ".opt")),
                sizes(p.getProperty(key + ".max"))));
      }
      profiles.add(new Profile(p.getProperty("profile." + i), inputs));
    }
    String workspace = p.getProperty("workspace_bytes");
    return new BuildPlan(
        Path.of(p.getProperty("model")),
        Boolean.parseBoolean(p.getProperty("in_memory")),
        Path.of(p.getProperty("engine")),
        Integer.parseInt(p.getProperty("device")),
        Integer.parseInt(p.getProperty("builder_level")),
        workspace == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(workspace)),
        Boolean.parseBoolean(p.getProperty("tf32")),
        HardwareCompatibility.valueOf(p.getProperty("hardware")),
        Boolean.parseBoolean(p.getProperty("version_compatible")),
        Boolean.parseBoolean(p.getProperty("layer_details")),
        Optional.ofNullable(p.getProperty("timing_cache")).map(Path::of),
        Optional.ofNullable(p.getProperty("preload")),
        profiles);
  }

  static void writeFailure(BuildFailure failure, Path file) throws IOException {
    Properties p = new Properties();
    p.setProperty("kind", failure.kind().name());
    p.setProperty("message", String.valueOf(failure.getMessage()));
    p.setProperty("node.index", Integer.toString(failure.at().index()));
    p.setProperty("node.name", failure.at().name());
    p.setProperty("node.operator", failure.at().operator());
    for (int i = 0; i < failure.log().size(); i++) {
      p.setProperty("log." + i, failure.log().get(i));
    }
    store(p, file);
  }

  static BuildFailure readFailure(Path file) throws IOException {
    Properties p = load(file);
    List<String> log = new ArrayList<>();
    for (String line = p.getProperty("log.0"); line != null; ) {
      log.add(line);
      line = p.getProperty("log." + log.size());
    }
    return new BuildFailure(
        BuildFailure.Kind.valueOf(p.getProperty("kind")),
        p.getProperty("message"),
        new BuildFailure.At(
            Integer.parseInt(p.getProperty("node.index")),
            p.getProperty("node.name"),
            p.getProperty("node.operator")),
        log);
  }

  private static String text(List<Long> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static List<Long> sizes(String text) {
    return text.isEmpty() ? List.of() : Arrays.stream(text.split(",")).map(Long::valueOf).toList();
  }

  private static void store(Properties properties, Path file) throws IOException {
    try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(out, null);
    }
  }

  private static Properties load(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(in);
    }
    return properties;
  }
}
