"""What protoc makes of scalemodel.proto: `messages`, and `stubs` of the services.

It is made when this module is first imported, so nothing that was generated lies in the repository.
"""
import atexit
import os
import pathlib
import shutil
import sys
import tempfile

from grpc_tools import protoc

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROTO = REPOSITORY / "Sources/Runtimes/Service/scalemodel.proto"

_directory = os.environ.get("SCALEMODEL_STUBS")
if not _directory:
    _directory = tempfile.mkdtemp(prefix="scalemodel-grpc-")
    atexit.register(shutil.rmtree, _directory, ignore_errors=True)
    if protoc.main(["protoc", f"-I{PROTO.parent}", f"--python_out={_directory}",
                    f"--grpc_python_out={_directory}", PROTO.name]) != 0:
        raise SystemExit("scalemodel.proto cannot be compiled")
    # The programs we start find them there, and leave nothing behind when they are killed.
    os.environ["SCALEMODEL_STUBS"] = _directory
sys.path.insert(0, _directory)
import scalemodel_pb2 as messages  # noqa: E402, F401
import scalemodel_pb2_grpc as stubs  # noqa: E402, F401
