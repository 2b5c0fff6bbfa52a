//! Memory of generated code, and the call of it.

use super::abi::{Call, Env, Frame, Values};
use super::lower;
use super::unit::Unit;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, ModuleError, default_libcall_names};
use std::fmt;

/// Native code cannot be made here.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("native code cannot be made on this machine: {0}")]
pub struct Unavailable(String);

/// A unit cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The code generator refuses it.
    #[error("code generator: {0}")]
    Codegen(#[from] Box<CodegenError>),
    /// There is no memory for code, or it may not be made executable.
    #[error("memory for code: {0}")]
    Memory(#[from] Box<ModuleError>),
    /// It refers to addresses that are not known, which code here never does.
    #[error("code generator: {0} places of the code are to be relocated")]
    Relocations(usize),
}

/// Makes native code for this machine.
#[derive(Clone)]
pub struct Compiler {
    isa: OwnedTargetIsa,
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiler").field("isa", &self.isa.name()).finish()
    }
}

/// The signature of generated code.
type Entry = extern "C" fn(&mut Frame<'_, '_, '_>) -> u32;

/// Native code of a unit. Its memory is freed with it.
pub struct Code {
    entry: Entry,
    bytes: usize,
    /// Slots that it asks about lie below this.
    slots: usize,
    module: Option<JITModule>,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

// SAFETY: the memory of code is written before `Code` is made and freed when it is dropped; in between it is
// only executed. The module is not used in between.
unsafe impl Send for Code {}
// SAFETY: as above; through a shared reference the code can only be executed, which changes nothing of it
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: `entry` is the only way to the code and is not called any more: calls borrow `self`
            unsafe { module.free_memory() };
        }
    }
}

impl Code {
    /// Bytes of machine code.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Compiler {
    /// A compiler for this machine.
    ///
    /// # Errors
    /// The architecture is not supported, or memory cannot be made executable.
    pub fn new() -> Result<Self, Unavailable> {
        let failed = |e: &dyn fmt::Display| Unavailable(e.to_string());
        let mut flags = settings::builder();
        let verify = if cfg!(debug_assertions) { "true" } else { "false" };
        for (name, value) in [
            ("use_colocated_libcalls", "false"),
            ("is_pic", "false"),
            ("opt_level", "speed"),
            ("enable_verifier", verify),
            ("unwind_info", "false"),
        ] {
            flags.set(name, value).map_err(|e| failed(&e))?;
        }
        let builder = cranelift_native::builder().map_err(|e| failed(&e))?;
        let isa = builder.finish(settings::Flags::new(flags)).map_err(|e| failed(&e))?;
        let compiler = Self { isa };
        compiler.compile(&Unit::default()).map_err(|e| failed(&e))?;
        Ok(compiler)
    }

    /// Compiles a unit.
    ///
    /// # Errors
    /// The code generator refuses it, or there is no memory for code.
    pub(crate) fn compile(&self, unit: &Unit) -> Result<Code, CompileError> {
        let builder = JITBuilder::with_isa(self.isa.clone(), default_libcall_names());
        let mut module = JITModule::new(builder);
        match self.define(&mut module, unit) {
            Ok((entry, bytes)) => Ok(Code { entry, bytes, slots: unit.slots(), module: Some(module) }),
            Err(error) => {
                // SAFETY: nothing of the module was given out
                unsafe { module.free_memory() };
                Err(error)
            }
        }
    }

    fn define(&self, module: &mut JITModule, unit: &Unit) -> Result<(Entry, usize), CompileError> {
        let memory = |e: ModuleError| CompileError::Memory(Box::new(e));
        let mut context = Context::new();
        let mut builders = FunctionBuilderContext::new();
        lower::lower(unit, self.isa.frontend_config(), &mut context.func, &mut builders);
        let id =
            module.declare_function("decide", Linkage::Local, &context.func.signature).map_err(memory)?;
        let mut control = ControlPlane::default();
        let compiled = context.compile(&*self.isa, &mut control);
        let compiled = compiled.map_err(|e| CompileError::Codegen(Box::new(e.inner)))?;
        let bytes = compiled.code_buffer().to_vec();
        let align = u64::from(compiled.buffer.alignment);
        // addresses of helpers are constants, so there is nothing to relocate; installed as it is, code with
        // relocations would jump anywhere
        match compiled.buffer.relocs().len() {
            0 => {}
            count => return Err(CompileError::Relocations(count)),
        }
        module.define_function_bytes(id, align, &bytes, &[]).map_err(memory)?;
        module.finalize_definitions().map_err(memory)?;
        let address = module.get_finalized_function(id);
        // SAFETY: the function was generated with the signature of `Entry` by `lower`
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Ok((entry, bytes.len()))
    }
}

impl Call<'_, '_> {
    /// Runs code; gives the state that it ends in. `None` if `values` has no room for the slots that the code
    /// asks about: it is of another program.
    pub(crate) fn run(self, code: &Code, values: &mut Values) -> Option<u32> {
        if code.slots > values.len() {
            return None;
        }
        let stamp = values.begin();
        let mut env = Env { call: self, values: values.len() };
        // the values are borrowed until the call returns, and reached through the frame only
        let mut frame = Frame { stamp, values: values.as_mut_ptr(), env: &mut env };
        Some((code.entry)(&mut frame))
    }
}
