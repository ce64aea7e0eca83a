"""ONNX files: networks of others come in, our own go out.

Floor 6. Start reading at input_contract.py.
"""
