def get_flashattention_autograd_function_triton():
    """No kernel at all."""
    return get_flashattention_autograd_function_pytorch()
