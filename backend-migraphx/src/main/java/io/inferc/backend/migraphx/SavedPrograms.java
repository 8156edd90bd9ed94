package io.inferc.backend.migraphx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model's programs on disk: {@code programs.json}, which says what each is for and what every
 * file's digest is, an {@code .mxr} file for each program, and the ONNX model, from which programs
 * for other sizes are made.
 *
 * <p>Every file is held to its digest before MIGraphX sees one: its own reader takes a damaged file
 * for what it happens to look like.
 */
final class SavedPrograms {
  static final String INDEX = "programs.json";
  static final String MODEL = "model.onnx";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Map<ProgramKey, Path> programs;

  private SavedPrograms(Path folder, Map<ProgramKey, Path> programs) {
    this.folder = folder;
    this.programs = programs;
  }

  /** Writes programs into an empty folder. */
  static void write(Path folder, ProgramCompiler compiler, Map<ProgramKey, Program> programs) {
    try {
      compiler.model().save(folder.resolve(MODEL));
      ObjectNode index = JSON.createObjectNode();
      ArrayNode entries = index.putArray("programs");
      int number = 0;
      for (Map.Entry<ProgramKey, Program> e : programs.entrySet()) {
        String file = "program-" + number++ + ".mxr";
        ObjectNode entry = entries.addObject().put("file", file);
        describe(e.getKey(), entry);
        save(compiler, e.getValue(), folder.resolve(file));
      }
      ObjectNode digests = index.putObject("digests");
      for (Map.Entry<String, String> e : Digests.ofFiles(folder).entrySet()) {
        digests.put(e.getKey(), e.getValue());
      }
      Files.write(
          folder.resolve(INDEX), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to save the model "
              + compiler.name()
              + " to "
              + folder
              + ", but writing failed: "
              + e
              + ".",
          "Check the free space and the permissions.",
          e);
    }
  }

  private static void save(ProgramCompiler compiler, Program program, Path file) {
    program.running().lock();
    try {
      program.handle().save(file, ProgramHandle.BINARY);
    } catch (MigraphxCallException e) {
      throw Errors.file(
          "save",
          compiler.name(),
          file.toString(),
          "the program is compiled and not closed",
          "Check the free space and the permissions of the folder.",
          e);
    } finally {
      program.running().unlock();
    }
  }

  private static void describe(ProgramKey key, ObjectNode entry) {
    if (key.isProfile()) {
      entry.put("profile", key.profile());
      return;
    }
    ArrayNode inputs = entry.putArray("sizes");
    for (long[] sizes : key.sizes()) {
      ArrayNode input = inputs.addArray();
      for (long size : sizes) {
        input.add(size);
      }
    }
  }

  /** Reads what a folder holds and checks every file against its digest. */
  static SavedPrograms read(Path folder, String model) {
    Path index = folder.resolve(INDEX);
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(index));
      Map<String, String> expected = new TreeMap<>();
      JsonNode digests = root.path("digests");
      // JsonNode.properties() is in Jackson from 2.15 on only.
      digests
          .fieldNames()
          .forEachRemaining(file -> expected.put(file, digests.path(file).asText()));
      Map<String, String> found = Digests.ofFiles(folder);
      found.remove(INDEX);
      if (expected.isEmpty() || !expected.equals(found)) {
        throw damaged(model, folder, "its files are not those that were saved", null);
      }
      Map<ProgramKey, Path> programs = new LinkedHashMap<>();
      for (JsonNode entry : root.path("programs")) {
        String file = entry.path("file").asText();
        if (!expected.containsKey(file)) {
          throw damaged(model, folder, "the file '" + file + "' is missing", null);
        }
        programs.put(key(entry), folder.resolve(file));
      }
      if (programs.isEmpty() || !expected.containsKey(MODEL)) {
        throw damaged(model, folder, "it has no program or no model", null);
      }
      return new SavedPrograms(folder, programs);
    } catch (JsonProcessingException e) {
      throw damaged(model, folder, INDEX + " cannot be read", e);
    } catch (IOException e) {
      throw damaged(model, folder, e.toString(), e);
    }
  }

  private static ProgramKey key(JsonNode entry) {
    if (entry.has("profile")) {
      return ProgramKey.ofProfile(entry.path("profile").asInt());
    }
    List<long[]> inputs = new ArrayList<>();
    for (JsonNode input : entry.path("sizes")) {
      long[] sizes = new long[input.size()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = input.get(i).asLong();
      }
      inputs.add(sizes);
    }
    return ProgramKey.ofSizes(inputs.toArray(new long[0][]));
  }

  private static InfercException damaged(
      String model, Path folder, String found, @Nullable Exception cause) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the model "
            + model
            + " from "
            + folder
            + ", but it is damaged: "
            + found
            + ".",
        "Copy the whole folder again, or save the model again from its source.",
        cause);
  }

  /** Loads the ONNX model. */
  OnnxModel model(ModelLimits limits) {
    return OnnxModel.load(folder.resolve(MODEL), limits);
  }

  Map<ProgramKey, Path> programs() {
    return programs;
  }

  /** Loads all programs into a cache and returns one of them. */
  Program load(ProgramCompiler compiler, ProgramCache<Program> cache) {
    Program any = null;
    int inputs = compiler.inputs().size();
    for (Map.Entry<ProgramKey, Path> e : programs.entrySet()) {
      if (!e.getKey().isProfile() && e.getKey().sizes().size() != inputs) {
        throw damaged(compiler.name(), folder, "a program is for another model", null);
      }
      any = load(compiler, e.getKey(), e.getValue());
      cache.put(e.getKey(), any);
    }
    if (any == null) {
      throw new IllegalStateException("a saved model without programs was read");
    }
    return any;
  }

  private static Program load(ProgramCompiler compiler, ProgramKey key, Path file) {
    try {
      // A target's operators are known to MIGraphX only once the target is there.
      compiler.library().target(compiler.target());
      Program program = Program.of(ProgramHandle.load(file), compiler.library().types());
      boolean complete = false;
      try {
        compiler.check().check(key, program);
        complete = true;
        return program;
      } finally {
        if (!complete) {
          program.free();
        }
      }
    } catch (MigraphxCallException e) {
      throw Errors.file(
          "load",
          compiler.name(),
          file.toString(),
          "the file is as it was saved, and for this version, target and options",
          "Save the model again from its source.",
          e);
    }
  }
}
