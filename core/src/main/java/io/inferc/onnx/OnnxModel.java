package io.inferc.onnx;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX model: a graph, the operator sets it is written in, functions of its own, and what its
 * producer says about it.
 *
 * <p>Immutable and thread-safe. Weights stay in the mapped file they were loaded from until they
 * are read; loading a model costs the memory of its graph only.
 *
 * <pre>{@code
 * OnnxModel model = OnnxModel.load(Path.of("model.onnx"));
 * System.out.println(model.summary());
 * model.upgradeOpset(21).save(Path.of("model-21.onnx"));
 * }</pre>
 */
public final class OnnxModel {
  /** The newest version of the intermediate representation that this version of inferc knows. */
  public static final int NEWEST_IR_VERSION = 14;

  // Everything of the message but the graph.
  private final ModelProto rest;
  private final Graph graph;
  private final ExternalFiles files;

  OnnxModel(ModelProto rest, Graph graph, ExternalFiles files) {
    this.rest = rest;
    this.graph = graph;
    this.files = files;
  }

  static OnnxModel of(ModelProto proto, ExternalFiles files) {
    return new OnnxModel(
        proto.toBuilder().clearGraph().build(), Graph.of(proto.getGraph(), files), files);
  }

  ModelProto toProto() {
    return rest.toBuilder().setGraph(graph.toProto()).build();
  }

  /** Everything of the message but the graph. */
  ModelProto rest() {
    return rest;
  }

  ExternalFiles files() {
    return files;
  }

  /**
   * Loads a model file. The file is mapped, not read; external data is mapped when it is asked for,
   * from the file's own folder only. Inside an archive, such as a jar, a temporary copy is.
   *
   * @param path an .onnx file, of any file system
   * @return the model
   * @throws ModelFormatException if the file is missing, is no ONNX model, is truncated, or its
   *     graph contradicts itself
   */
  public static OnnxModel load(Path path) {
    Objects.requireNonNull(path, "path");
    return load(path, ModelLimits.defaults());
  }

  /**
   * Loads a model file that may be larger than most, or must be smaller.
   *
   * @param path an .onnx file
   * @param limits what the model may ask for
   * @return the model
   * @throws ModelFormatException if the file is missing, is no ONNX model, is truncated, its graph
   *     contradicts itself, or it is beyond the limits
   */
  public static OnnxModel load(Path path, ModelLimits limits) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(limits, "limits");
    return ModelReader.load(path, Optional.of(limits));
  }

  /**
   * Loads a model file whose graph may be wrong, to look at what {@link #check()} says.
   *
   * @param path an .onnx file
   * @return the model
   * @throws ModelFormatException if the file is missing or is no ONNX model
   */
  public static OnnxModel loadUnchecked(Path path) {
    Objects.requireNonNull(path, "path");
    return ModelReader.load(path, Optional.empty());
  }

  /**
   * Loads a model from a stream, such as a resource in a jar, by way of a temporary file. Models
   * with external data need a path.
   *
   * @param in the bytes of an .onnx file, read to the end; the caller closes it
   * @param name what messages call the model
   * @return the model
   * @throws ModelFormatException if it is no ONNX model, is truncated, or its graph contradicts
   *     itself
   * @throws io.inferc.common.InfercException if the stream fails, or there is no room for a
   *     temporary file
   */
  public static OnnxModel load(InputStream in, String name) {
    return load(in, name, ModelLimits.defaults());
  }

  /**
   * Loads a model from a stream that may be larger than most, or must be smaller.
   *
   * @param in the bytes of an .onnx file, read to the end; the caller closes it
   * @param name what messages call the model
   * @param limits what the model may ask for
   * @return the model
   * @throws ModelFormatException if it is no ONNX model, is truncated, its graph contradicts
   *     itself, or it is beyond the limits
   * @throws io.inferc.common.InfercException if the stream fails, or there is no room for a
   *     temporary file
   */
  public static OnnxModel load(InputStream in, String name, ModelLimits limits) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limits, "limits");
    return ModelReader.load(in, name, limits);
  }

  /**
   * Reads a model from memory, without external data.
   *
   * @param bytes a serialized model; it must not change afterwards
   * @return the model
   * @throws ModelFormatException if it is no ONNX model, is truncated, or its graph contradicts
   *     itself
   */
  public static OnnxModel read(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return ModelReader.read(bytes);
  }

  /**
   * Starts a model around a graph.
   *
   * @param graph the graph
   * @param opset the version of the default operator set
   * @return a model without functions or metadata, at an IR version that fits the opset
   * @throws IllegalArgumentException if the opset is less than 1
   */
  public static OnnxModel of(Graph graph, int opset) {
    Objects.requireNonNull(graph, "graph");
    if (opset < 1) {
      throw new IllegalArgumentException(
          "Tried to make a model of opset " + opset + "; versions start at 1.");
    }
    ModelProto rest =
        ModelProto.newBuilder()
            .setIrVersion(IrVersions.forOpset(opset))
            .setProducerName("inferc")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
            .build();
    return new OnnxModel(rest, graph, graph.files());
  }

  /**
   * Returns the graph.
   *
   * @return the graph
   */
  public Graph graph() {
    return graph;
  }

  /**
   * Returns the same model around another graph.
   *
   * @param graph the new graph
   * @return a copy
   */
  public OnnxModel withGraph(Graph graph) {
    Objects.requireNonNull(graph, "graph");
    return new OnnxModel(rest, graph, files);
  }

  /**
   * Returns the same model with another version of an operator set. The nodes stay as they are;
   * {@link #upgradeOpset} changes them.
   *
   * @param domain the domain, empty for the default one
   * @param version the version
   * @return a copy
   */
  public OnnxModel withOpset(String domain, int version) {
    Objects.requireNonNull(domain, "domain");
    ModelProto.Builder copy = rest.toBuilder();
    boolean found = false;
    for (int i = 0; i < copy.getOpsetImportCount(); i++) {
      if (Entries.domain(copy.getOpsetImport(i).getDomain()).equals(domain)) {
        copy.setOpsetImport(i, copy.getOpsetImport(i).toBuilder().setVersion(version));
        found = true;
      }
    }
    if (!found) {
      copy.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    }
    if (domain.isEmpty()) {
      copy.setIrVersion(Math.max(copy.getIrVersion(), IrVersions.forOpset(version)));
    }
    return new OnnxModel(copy.build(), graph, files);
  }

  /**
   * Returns the same model with other metadata of one key.
   *
   * @param key the key
   * @param value the value
   * @return a copy
   */
  public OnnxModel withMetadata(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    ModelProto.Builder copy = rest.toBuilder().clearMetadataProps();
    rest.getMetadataPropsList().stream()
        .filter(e -> !e.getKey().equals(key))
        .forEach(copy::addMetadataProps);
    copy.addMetadataProps(Entries.entry(key, value));
    return new OnnxModel(copy.build(), graph, files);
  }

  /** Returns the same model with other functions. */
  OnnxModel withFunctions(List<Function> functions) {
    ModelProto.Builder copy = rest.toBuilder().clearFunctions();
    functions.forEach(f -> copy.addFunctions(f.proto()));
    return new OnnxModel(copy.build(), graph, files);
  }

  /**
   * Returns the version of the intermediate representation.
   *
   * @return 1 to {@value #NEWEST_IR_VERSION}, or 0 if the model does not say
   */
  public int irVersion() {
    return (int) rest.getIrVersion();
  }

  /**
   * Returns the operator sets the model is written in.
   *
   * @return version by domain, the default domain as the empty text
   */
  public Map<String, Integer> opsets() {
    return Entries.opsets(rest.getOpsetImportList());
  }

  /**
   * Returns the version of the default operator set.
   *
   * @return the version, or 0 if the model imports none
   */
  public int opset() {
    return opsets().getOrDefault("", 0);
  }

  /**
   * Returns the functions the model defines.
   *
   * @return in the model's order
   */
  public List<Function> functions() {
    return rest.getFunctionsList().stream().map(f -> new Function(f, files)).toList();
  }

  /**
   * Returns the model's metadata.
   *
   * @return free text by key
   */
  public Map<String, String> metadata() {
    return Entries.toMap(rest.getMetadataPropsList());
  }

  /**
   * Returns the tool that wrote the model.
   *
   * @return name and version as far as the model says them
   */
  public String producer() {
    return (rest.getProducerName() + " " + rest.getProducerVersion()).strip();
  }

  /**
   * Returns what the author wrote about the model.
   *
   * @return free text, mostly empty
   */
  public String doc() {
    return rest.getDocString();
  }

  /**
   * Looks for everything that is wrong with the model: its graphs and functions, its constants, and
   * the files of its external data.
   *
   * @return the problems in the order of the model, the first thousand of them; empty if there are
   *     none
   */
  public List<ModelProblem> check() {
    return new ModelChecker(this, ModelLimits.defaults()).everything();
  }

  /**
   * Returns the same model written in a newer default operator set. A model that imports only other
   * domains is given an import of the default one.
   *
   * @param version the version to reach, at most 21
   * @return a model that computes the same; this one if it has that version already
   * @throws IllegalArgumentException if the model's version is newer than that, or the version is
   *     beyond what inferc can write
   * @throws ModelFormatException if an operator cannot be upgraded; the message names it
   */
  public OnnxModel upgradeOpset(int version) {
    return OpsetUpgrade.upgrade(this, version);
  }

  /**
   * Counts what is in the model.
   *
   * @return inputs, outputs, operators, parameters and opsets; prints as a table
   */
  public ModelSummary summary() {
    return ModelSummary.of(this);
  }

  /**
   * Makes sure that the files whose values this model has read or mapped hold what they held when
   * they were opened. What reads values does so by itself.
   *
   * @throws ModelFormatException if one was written to or cut off; replacing or deleting one is no
   *     such change
   */
  public void requireUnchangedFiles() {
    Set<ExternalFiles> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    TensorProtos.each(this, (tensor, files) -> seen.add(files));
    seen.forEach(ExternalFiles::requireUnchanged);
  }

  /**
   * Identifies the model by its content: the graph and the values of all weights, wherever they
   * lie. The same model with its weights inside or in external data has the same digest.
   *
   * @return SHA-256 as 64 lower-case hexadecimal digits
   * @throws ModelFormatException if external data cannot be read
   */
  public String digest() {
    return ModelDigest.of(this);
  }

  /** Tells whether the values of any constant lie in a file beside the model. */
  boolean hasExternalData() {
    AtomicBoolean found = new AtomicBoolean();
    TensorProtos.each(
        this,
        (t, files) -> {
          if (TensorBytes.isExternal(t)) {
            found.set(true);
          }
        });
    return found.get();
  }

  /**
   * Saves the model, with its weights inside if the file stays under 2 GB and in one external file
   * otherwise. An existing file is replaced when the new one is complete.
   *
   * @param path the file to write
   * @throws io.inferc.common.InfercException if the disk fails; then nothing was changed
   */
  public void save(Path path) {
    Objects.requireNonNull(path, "path");
    save(path, SaveOptions.defaults());
  }

  /**
   * Saves the model.
   *
   * @param path the file to write
   * @param options where the weights go
   * @throws io.inferc.common.InfercException if the disk fails; then nothing was changed
   */
  public void save(Path path, SaveOptions options) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    ModelWriter.save(this, path, options);
  }

  /**
   * Serializes the model with all weights inside.
   *
   * @return the bytes of an .onnx file
   * @throws ModelFormatException if it would be over 2 GB
   */
  public byte[] toBytes() {
    return ModelWriter.toBytes(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OnnxModel m && Contents.of(m).sameAs(Contents.of(this));
  }

  @Override
  public int hashCode() {
    return rest.hashCode() * 31 + graph.hashCode();
  }

  /** Returns a short description, not the content. */
  @Override
  public String toString() {
    return "OnnxModel "
        + graph.name()
        + " (opsets "
        + opsets()
        + ", "
        + graph.nodes().size()
        + " nodes)";
  }
}
