package io.inferc.backend.migraphx;

import io.inferc.onnx.ValueInfo;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model in MIGraphX: its programs so far, and what it takes to make more. */
final class MigraphxModel implements BackendModel {
  private final ProgramCompiler compiler;
  private final ProgramCache<Program> programs;
  private final List<TensorSpec> outputs;

  /**
   * Takes over programs.
   *
   * @param any one of the programs, which tells what the model leaves undeclared
   */
  MigraphxModel(ProgramCompiler compiler, ProgramCache<Program> programs, Program any) {
    this.compiler = compiler;
    this.programs = programs;
    List<TensorSpec> specs = new ArrayList<>();
    List<ValueInfo> declared = compiler.model().graph().outputs();
    for (int i = 0; i < declared.size(); i++) {
      DataType type = Objects.requireNonNull(any.outputs().get(i).type());
      String name = declared.get(i).name();
      TensorShape shape =
          declared.get(i).tensor().map(TensorSpec::shape).orElse(TensorShape.unknownRank());
      specs.add(new TensorSpec(name, type, shape));
    }
    outputs = List.copyOf(specs);
  }

  @Override
  public List<TensorSpec> inputs() {
    return compiler.inputs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return outputs;
  }

  @Override
  public BackendSession newSession(int profile) {
    return new MigraphxSession(programs, compiler, outputs, profile, compiler.newExecution());
  }

  @Override
  public void save(Path folder) {
    Map<ProgramKey, Program> held = programs.acquireAll();
    try {
      SavedPrograms.write(folder, compiler, held);
    } finally {
      held.keySet().forEach(programs::release);
    }
  }

  @Override
  public void close() {
    programs.close();
  }
}
